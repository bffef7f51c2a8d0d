"""Scoring a demo vision-language model: are its answers about held-out products true?

Photos take the pipeline's way: JPEG, `letterbox`, the model's own processor, greedy decoding held to the taxonomy, the
pipeline's parser. `confidence` has no truth of its own: `Calibration` asks whether it fits the material's.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.transformers.model import AskingStyle, TransformersModel
from fashion_assets.extraction.model import Answer, VisionLanguageModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.models.resources import GpuResource
from fashion_assets.orchestration.progress import Progress
from fashion_assets.quality.labels.calibration import Calibration, Judged, calibration_of
from training.evaluation.products import EVALUATION_SEED, Selection, evaluation_products, shop_photo

_BATCH = 32
SCORED = tuple(key for key in ATTRIBUTES if key != "confidence")
"""Keys of the attributes that are compared with the truth."""

Truth = Mapping[str, str | list[str] | None]


@dataclass(frozen=True)
class Reply:
    """The reply of a model to one question about one photo, by field key.

    `values` lacks what it was forced to say; `probabilities` are those of the values as written, 0 to 1.
    """

    values: Mapping[str, str | list[str]]
    probabilities: Mapping[str, float]
    is_own: bool


@dataclass(frozen=True)
class AttributeScore:
    """How well one attribute is answered: shares of the `products` that were asked, 0 to 1.

    For a list, `accuracy` counts exact lists and `f1` single items; `majority` is what always giving the most
    frequent answer would score in `accuracy`.
    """

    attribute: str
    products: int
    accuracy: float
    majority: float
    f1: float | None = None

    @property
    def score(self) -> float:
        """F1 for a list, accuracy for a single value."""
        return self.accuracy if self.f1 is None else self.f1


@dataclass(frozen=True)
class VlmScores:
    """Scores over `products`; `unforced` is the share of the `answers` in which every value was the model's own, not
    the decoder's."""

    products: int
    answers: int
    unforced: float
    attributes: list[AttributeScore]
    calibration: Calibration


Asking = tuple[VisionLanguageModel, Question]
"""A question, and the model that is asked it."""

Replies = tuple[Question, Sequence[Reply | None]]
"""A question, and the reply to it about each product; None where it is not for such a product."""


def evaluate_vlm(
    model: TransformersModel | Path,
    products: int,
    seed: int = EVALUATION_SEED,
    selection: Selection = "balanced",
    progress: Progress = lambda done, total: None,
) -> VlmScores:
    """Ask the model, or the one in a folder, every question of every product it applies to."""
    loaded = load_vlm(model) if isinstance(model, Path) else model
    questions = load_questions(default_prompts_folder())
    sampled = evaluation_products(products, seed, selection)
    replies = ask([(loaded, question) for question in questions], sampled, progress)
    return vlm_scores([product.truth for product in sampled], list(zip(questions, replies, strict=True)))


def vlm_scores(truths: Sequence[Truth], replies: Sequence[Replies]) -> VlmScores:
    """Scores of the replies, which are in the order of `truths`."""
    given = [reply for _, of_question in replies for reply in of_question if reply is not None]
    return VlmScores(
        products=len(truths),
        answers=len(given),
        unforced=sum(reply.is_own for reply in given) / len(given),
        attributes=attribute_scores(truths, replies),
        calibration=calibration_of(
            [
                Judged(reply.probabilities["material"], _is_right(reply, truth), reply.values.get("confidence"))
                for question, of_question in replies
                if "material" in question.keys
                for truth, reply in zip(truths, of_question, strict=True)
                if reply is not None
            ]
        ),
    )


def load_vlm(folder: Path, prompt_order: str = "auto") -> TransformersModel:
    """The model as the pipeline loads it, on the CPU."""
    plan = GpuResource(device="cpu", micro_batch=_BATCH).plan()
    return TransformersModel(str(folder), plan, AskingStyle(prompt_order=prompt_order))


def ask(
    askings: Sequence[Asking],
    products: Sequence[DemoProduct],
    progress: Progress = lambda done, total: None,
) -> list[list[Reply | None]]:
    """The replies to each asking, one for each product; None where the question is not for such a product.

    All models must prepare photos alike: each photo is rendered and prepared once for all askings.
    """
    replies: list[list[Reply | None]] = [[] for _ in askings]
    # Questions that are for all products come first, so that a model sees a batch of photos once.
    order = sorted(range(len(askings)), key=lambda number: bool(askings[number][1].applies_to))
    progress(0, len(products))
    for start in range(0, len(products), _BATCH):
        chunk = products[start : start + _BATCH]
        photos = [askings[0][0].prepare(shop_photo(product)) for product in chunk]
        for number in order:
            model, question = askings[number]
            applies = [product.truth[question.keys[0]] is not None for product in chunk]
            given = _answered(
                model, [photo for photo, is_asked in zip(photos, applies, strict=True) if is_asked], question
            )
            replies[number] += [next(given) if is_asked else None for is_asked in applies]
        progress(start + len(chunk), len(products))
    return replies


def replies_about(model: VisionLanguageModel, photos: Sequence[Image.Image], question: Question) -> list[Reply]:
    """The greedy replies to one question about many photos."""
    return list(_answered(model, [model.prepare(photo) for photo in photos], question))


def _answered(model: VisionLanguageModel, prepared: list, question: Question) -> Iterator[Reply]:
    for start in range(0, len(prepared), model.micro_batch):
        for answer in model.answer(prepared[start : start + model.micro_batch], question):
            yield reply_of(answer, question)


def reply_of(answer: Answer, question: Question) -> Reply:
    """The answer as the pipeline reads it."""
    parsed = parse_answer(answer.text, question, answer.allowed_mass)
    return Reply(parsed.values, answer.probabilities, is_own=not parsed.errors)


def attribute_scores(truths: Sequence[Truth], replies: Sequence[Replies]) -> list[AttributeScore]:
    """Scores of the attributes that were inferred, in the order of SCORED."""
    scores = {}
    for question, of_question in replies:
        pairs = [(truth, reply.values) for truth, reply in zip(truths, of_question, strict=True) if reply is not None]
        scores |= {key: _attribute_score(key, pairs) for key in question.keys if pairs and key in SCORED}
    return [scores[key] for key in SCORED if key in scores]


def _is_right(reply: Reply, truth: Truth) -> bool:
    return reply.values.get("material") == truth["material"]


def _attribute_score(key: str, pairs_of_answers: list[tuple[Truth, Mapping]]) -> AttributeScore:
    pairs = [(truth[key], values.get(key)) for truth, values in pairs_of_answers]
    common = Counter(str(truth) for truth, _ in pairs).most_common(1)[0][1]
    f1 = None
    if ATTRIBUTES[key].is_list:
        hits = sum(len(set(truth) & set(answered or [])) for truth, answered in pairs)
        named = sum(len(truth) + len(answered or []) for truth, answered in pairs)
        f1 = 2 * hits / named if named else 1.0
    accuracy = sum(truth == answered for truth, answered in pairs) / len(pairs)
    return AttributeScore(key, len(pairs), accuracy, common / len(pairs), f1)
