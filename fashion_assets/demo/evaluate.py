"""Scoring the demo models on freshly rendered products that no training saw: the figures of the model cards.

Nothing is printed here; the functions return data, the same for the same weights, count and seed up to rounding.
Photos take the pipeline's way: JPEG, `letterbox`, the model's own processor, greedy decoding.
"""

import io
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.captions import full_caption, query_caption
from fashion_assets.demo.models import clip_folder, vlm_folder
from fashion_assets.demo.render import jpeg
from fashion_assets.demo.training_set import is_held_out
from fashion_assets.extraction.model import Answer
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.taxonomy import FIELDS
from fashion_assets.extraction.transformers_model import TransformersModel
from fashion_assets.gpu import GpuResource
from fashion_assets.photos import letterbox

EVALUATION_SEED = 7
Selection = Literal["catalog", "balanced", "unseen"]
"""Which products: a shop's mix, the balanced mix, or only combinations that were kept out of training."""

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


@dataclass(frozen=True)
class ClipScores:
    """Text to photo over `products` distinct products.

    Recall with full captions (the own photo among the first 1 or 5), and the precision of the first 5 for queries of
    an article with one or two traits.
    """

    products: int
    recall_at_1: float
    recall_at_5: float
    precision_at_5_one_trait: float
    precision_at_5_two_traits: float


@dataclass(frozen=True)
class DemoScores:
    vlm: dict[str, VlmScores]
    clip: ClipScores


def evaluate(products: int = 500, seed: int = EVALUATION_SEED) -> DemoScores:
    """Score both shipped models; `products` for each selection."""
    selections: tuple[Selection, ...] = ("catalog", "balanced", "unseen")
    return DemoScores(
        vlm={selection: evaluate_vlm(vlm_folder(), products, seed, selection) for selection in selections},
        clip=evaluate_clip(clip_folder(), products, seed),
    )


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


def evaluate_clip(folder: Path, products: int, seed: int = EVALUATION_SEED) -> ClipScores:
    """Search `products` photos by captions, with the model in `folder`."""
    import open_clip
    import torch

    from fashion_assets.demo.train_clip import fits, trait_matrix

    rng = random.Random(seed)
    sampled = _distinct(products, seed)
    traits = trait_matrix(sampled)
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    model.eval()
    with torch.inference_mode():
        pixels = torch.stack([prepare(letterbox(shop_photo(product))) for product in sampled])
        photos = torch.cat([model.encode_image(chunk, normalize=True) for chunk in pixels.split(100)])
        captions = [full_caption(product, rng) for product in sampled]
        texts = model.encode_text(tokenizer([caption.text for caption in captions]), normalize=True)
        order = (texts @ photos.T).argsort(1, descending=True)
        rank = (order == torch.arange(products)[:, None]).float().argmax(1)

        def precision_at_5(trait_count: int) -> float:
            queries = [query_caption(product, _some_traits(product, trait_count, rng), rng) for product in sampled]
            found = model.encode_text(tokenizer([query.text for query in queries]), normalize=True) @ photos.T
            right = fits(queries, traits, traits)
            shares = []
            for scores, matches in zip(found, right, strict=True):
                top = scores.topk(min(5, int(matches.sum()))).indices
                shares.append(matches[top].float().mean().item())
            return sum(shares) / len(shares)

        return ClipScores(
            products=products,
            recall_at_1=(rank < 1).float().mean().item(),
            recall_at_5=(rank < 5).float().mean().item(),
            precision_at_5_one_trait=precision_at_5(1),
            precision_at_5_two_traits=precision_at_5(2),
        )


def evaluation_products(count: int, seed: int, selection: Selection) -> list[DemoProduct]:
    """The first `count` products of a selection."""
    mix = "catalog" if selection == "catalog" else "balanced"
    wanted = (p for p in _world(seed, mix) if selection != "unseen" or is_held_out(p))
    return [product for product, _ in zip(wanted, range(count), strict=False)]


def shop_photo(product: DemoProduct) -> Image.Image:
    """The product's photo, having been a JPEG."""
    return Image.open(io.BytesIO(jpeg(product))).convert("RGB")


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


def _world(seed: int, mix: Literal["catalog", "balanced"]) -> Iterator[DemoProduct]:
    index = 0
    while True:
        yield sample_product(seed, index, mix)
        index += 1


def _distinct(count: int, seed: int) -> list[DemoProduct]:
    """Products of the balanced mix that differ in what can be said about them, with photos that show it."""
    from fashion_assets.demo.captions import TRAITS, traits_of

    chosen: dict[tuple, DemoProduct] = {}
    for product in _world(seed, "balanced"):
        if product.clarity in ("clear", "soft"):
            traits = traits_of(product)
            chosen.setdefault(tuple(traits[trait] for trait in TRAITS), product)
        if len(chosen) == count:
            return list(chosen.values())
    raise AssertionError("the world is endless")


def _some_traits(product: DemoProduct, count: int, rng: random.Random) -> tuple[str, ...]:
    options = ["colour", "material"] + (["pattern"] if product.pattern != "solid color" else [])
    return tuple(rng.sample(options, count))
