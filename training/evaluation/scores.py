"""Scoring both demo models on what no training saw: the figures of the model cards.

Nothing is printed here; the functions return data, the same for the same weights, counts and seed up to rounding.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.demo.models import SHIPPED_WEIGHTS, clip_folder, vlm_folder
from fashion_assets.errors import OptionError
from fashion_assets.orchestration.progress import reporting
from training.evaluation.clip import ClipScores, evaluate_clip
from training.evaluation.nothing_to_see import NOTHINGS, nothing_to_see
from training.evaluation.photos import PhotoScore, evaluate_photos, real_photos
from training.evaluation.products import EVALUATION_SEED, Selection
from training.evaluation.vlm import VlmScores, evaluate_vlm, load_vlm
from training.evaluation.wordings import WordingScore, evaluate_wordings

log = logging.getLogger(__name__)

PRODUCTS = 2000
"""Of the balanced mix; enough to tell 0.90 from 0.92."""

_FEWER = 500
_OF_NOTHING = 100


@dataclass(frozen=True)
class DemoScores:
    """`photos` are the kinds of `nothing_to_see`, and "real" if there was a folder of them."""

    vlm: dict[Selection, VlmScores]
    wordings: list[WordingScore]
    photos: list[PhotoScore]
    clip: ClipScores


def evaluate(
    products: int = PRODUCTS,
    seed: int = EVALUATION_SEED,
    off_domain: Path | None = None,
    weights: Path = SHIPPED_WEIGHTS,
) -> DemoScores:
    """Score both models: the VLM over `products` of the balanced mix, in all wordings; all else over up to 500 each.

    `off_domain` is a folder of real photos, `weights` the folder of both models. Raises OptionError when there are
    no photos or no models in them.
    """
    for folder in (vlm_folder(weights), clip_folder(weights)):
        if not folder.is_dir():
            raise OptionError(
                value=f"The folder of weights '{weights}' has no {folder.name}",
                rule="it must have both models",
                remedy="name one as `make demo-models` writes it",
            )
    fewer = min(products, _FEWER)
    real = real_photos(off_domain, fewer) if off_domain else []
    model = load_vlm(vlm_folder(weights))
    counts: dict[Selection, int] = {"balanced": products, "unseen": fewer, "catalog": fewer}
    vlm = {}
    for selection, count in counts.items():
        with reporting(f"scoring the demo VLM, {selection} products", log.info) as progress:
            vlm[selection] = evaluate_vlm(model, count, seed, selection, progress)
    with reporting("asking it in other words", log.info) as progress:
        wordings = evaluate_wordings(vlm_folder(weights), products, seed, progress)
    shown = {kind: nothing_to_see(kind, min(products, _OF_NOTHING)) for kind in NOTHINGS}
    if real:
        shown["real"] = real
    photos = []
    for kind, of_kind in shown.items():
        with reporting(f"showing it {kind} photos", log.info) as progress:
            photos.append(evaluate_photos(model, kind, of_kind, progress))
    with reporting("scoring the demo CLIP", log.info):
        clip = evaluate_clip(clip_folder(weights), fewer, seed, gallery=min(products, PRODUCTS))
    return DemoScores(vlm, wordings, photos, clip)
