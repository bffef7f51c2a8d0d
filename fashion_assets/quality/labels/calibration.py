"""Calibration: the model's probabilities, and its stated confidence, against how often it is right.

The expected calibration error is that of Guo et al. 2017, "On Calibration of Modern Neural Networks": over bins of
equal width, the mean gap between probability and share of right answers, weighted by the counts of the bins.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute

BINS = 10


@dataclass(frozen=True)
class Judged:
    """One answer: its `probability` (0 to 1), whether it was right, and the stated confidence (None if forced)."""

    probability: float
    is_right: bool
    confidence: str | None = None


@dataclass(frozen=True)
class Group:
    """A group of answers: their count, mean probability and share of right ones (both NaN for an empty group)."""

    label: str
    count: int
    probability: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """`error` is the expected calibration error, NaN without answers; `bins` start at 0, `by_confidence` at high."""

    answers: int
    error: float
    bins: list[Group]
    by_confidence: list[Group]


def calibration_of(judged: Sequence[Judged], confidence: Attribute = SHIPPED.taxonomy["confidence"]) -> Calibration:
    """The calibration of the answers; a bin holds the probabilities above its lower and up to its upper edge."""
    binned: list[list[Judged]] = [[] for _ in range(BINS)]
    for answer in judged:
        # Rounded: 0.7 * 10 is 7.000000000000001 for some ways to write 0.7.
        binned[min(BINS, max(1, math.ceil(round(answer.probability * BINS, 9)))) - 1].append(answer)
    bins = [_group(f"{n / BINS:.1f} to {(n + 1) / BINS:.1f}", answers) for n, answers in enumerate(binned)]
    gaps = [group.count * abs(group.accuracy - group.probability) for group in bins if group.count]
    return Calibration(
        answers=len(judged),
        error=sum(gaps) / len(judged) if judged else math.nan,
        bins=bins,
        by_confidence=[
            _group(word, [answer for answer in judged if answer.confidence == word])
            for word in confidence.vocabulary.values()
        ],
    )


@dataclass(frozen=True)
class Threshold:
    """The share `precision` of the answers at or above `probability` is right; they are the share `kept` of all."""

    probability: float
    precision: float
    kept: float


def threshold_for(judged: Sequence[Judged], precision: float) -> Threshold | None:
    """The lowest probability at or above which at least the share `precision` is right; None if there is none."""
    best = None
    right = 0
    ranked = sorted(judged, key=lambda answer: -answer.probability)
    for number, answer in enumerate(ranked, 1):
        right += answer.is_right
        is_last_of_its_probability = number == len(ranked) or ranked[number].probability < answer.probability
        if is_last_of_its_probability and right / number >= precision:
            best = Threshold(answer.probability, right / number, number / len(ranked))
    return best


def _group(label: str, answers: Sequence[Judged]) -> Group:
    count = len(answers)
    if not count:
        return Group(label, 0, math.nan, math.nan)
    probability = sum(answer.probability for answer in answers) / count
    return Group(label, count, probability, sum(answer.is_right for answer in answers) / count)
