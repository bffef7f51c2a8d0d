"""Scoring both shipped demo models on products that no training saw: the figures of the model cards.

Nothing is printed here; the functions return data, the same for the same weights, count and seed up to rounding.
"""

from dataclasses import dataclass
from typing import get_args

from fashion_assets.demo.evaluate_clip import ClipScores, evaluate_clip
from fashion_assets.demo.evaluate_vlm import VlmScores, evaluate_vlm
from fashion_assets.demo.evaluation_set import EVALUATION_SEED, Selection
from fashion_assets.demo.models import clip_folder, vlm_folder


@dataclass(frozen=True)
class DemoScores:
    vlm: dict[Selection, VlmScores]
    clip: ClipScores


def evaluate(products: int = 500, seed: int = EVALUATION_SEED) -> DemoScores:
    """Score both shipped models; `products` for each selection."""
    return DemoScores(
        vlm={selection: evaluate_vlm(vlm_folder(), products, seed, selection) for selection in get_args(Selection)},
        clip=evaluate_clip(clip_folder(), products, seed),
    )
