"""Scoring a demo vision-language model: is what it says about held-out products true?

Photos take the pipeline's way: JPEG, `letterbox`, the model's own processor, greedy decoding.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from fashion_assets.demo.evaluation_set import EVALUATION_SEED, Selection, evaluation_products, shop_photo
from fashion_assets.extraction.model import Answer
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.taxonomy import FIELDS
from fashion_assets.extraction.transformers_model import TransformersModel
from fashion_assets.gpu import GpuResource

_BATCH = 32


@dataclass(frozen=True)
class AttributeScore:
    """How well one attribute is answered: shares of the products that were asked, 0 to 1.

    For a list, `accuracy` counts exact lists and `f1` single items; `majority` is what always giving the most
    frequent answer would score.
    """

    selection: str
    attribute: str
    products: int
    accuracy: float
    majority: float
    f1: float | None = None


@dataclass(frozen=True)
class VlmScores:
    """`unforced` is the share of answers in which every value was the model's own, not the decoder's."""

    answers: int
    unforced: float
    attributes: list[AttributeScore]


def evaluate_vlm(
    folder: Path, products: int, seed: int = EVALUATION_SEED, selection: Selection = "balanced"
) -> VlmScores:
    """Ask the model in `folder` every question of every product it applies to."""
    questions = load_questions(default_prompts_folder())
    sampled = evaluation_products(products, seed, selection)
    photos = [shop_photo(product) for product in sampled]
    model = load_vlm(folder)
    scores: list[AttributeScore] = []
    asked = unforced = 0
    for question in questions:
        applicable = [i for i, product in enumerate(sampled) if product.truth[question.keys[0]] is not None]
        if not applicable:
            continue
        answers = answers_of(model, [photos[i] for i in applicable], question)
        asked += len(answers)
        unforced += sum(answer is not None for answer in answers)
        truths = [sampled[i].truth for i in applicable]
        scores += [_attribute_score(selection, key, truths, answers) for key in question.keys]
    return VlmScores(asked, unforced / asked, scores)


def load_vlm(folder: Path) -> TransformersModel:
    """The model as the pipeline loads it, on the CPU."""
    return TransformersModel(str(folder), GpuResource(device="cpu", micro_batch=_BATCH).plan())


def answers_of(
    model: TransformersModel, photos: Sequence[Image.Image], question: Question
) -> list[dict[str, str | list[str]] | None]:
    """The greedy answers to one question about many photos; None where the decoder had to force one."""
    answers: list[Answer] = []
    for start in range(0, len(photos), model.micro_batch):
        prepared = [model.prepare(photo) for photo in photos[start : start + model.micro_batch]]
        answers += model.answer(prepared, question)
    return [
        json.loads(answer.text) if min(answer.allowed_mass.values()) >= question.min_allowed_mass else None
        for answer in answers
    ]


def _attribute_score(selection: str, key: str, truths: list[dict], answers: list[dict | None]) -> AttributeScore:
    pairs = [(truth[key], answer[key] if answer else None) for truth, answer in zip(truths, answers, strict=True)]
    common = Counter(json.dumps(truth) for truth, _ in pairs).most_common(1)[0][1]
    f1 = None
    if FIELDS[key].is_list:
        hits = sum(len(set(truth) & set(answer or [])) for truth, answer in pairs)
        named = sum(len(truth) + len(answer or []) for truth, answer in pairs)
        f1 = 2 * hits / named if named else 1.0
    accuracy = sum(truth == answer for truth, answer in pairs) / len(pairs)
    return AttributeScore(selection, key, len(pairs), accuracy, common / len(pairs), f1)
