"""Is a model as sure as it may be? Its probabilities, and its own words for them, against how often it is right.

The expected calibration error is that of Guo et al. 2017, "On Calibration of Modern Neural Networks": in bins of equal
width, the mean gap between probability and share of right answers, weighted by the bins' counts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute

BINS = 10


@dataclass(frozen=True)
class Judged:
    """One answer: its `probability` (0 to 1), whether it was right, and the confidence in words, None if forced."""

    probability: float
    is_right: bool
    confidence: str | None = None


@dataclass(frozen=True)
class Group:
    """Some answers: how many, their mean probability and the share that was right (both NaN for none)."""

    label: str
    count: int
    probability: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """`error` is the expected calibration error, NaN for no answers; `bins` go from 0 up, `by_confidence` from high."""

    answers: int
    error: float
    bins: list[Group]
    by_confidence: list[Group]


def calibration_of(judged: Sequence[Judged], confidence: Attribute = SHIPPED.taxonomy["confidence"]) -> Calibration:
    """The calibration of some answers; a bin holds the probabilities above its lower and up to its upper edge."""
    binned: list[list[Judged]] = [[] for _ in range(BINS)]
    for one in judged:
        # Rounded: 0.7 * 10 is 7.000000000000001 for some ways to write 0.7.
        binned[min(BINS, max(1, math.ceil(round(one.probability * BINS, 9)))) - 1].append(one)
    bins = [_group(f"{n / BINS:.1f} to {(n + 1) / BINS:.1f}", some) for n, some in enumerate(binned)]
    gaps = [group.count * abs(group.accuracy - group.probability) for group in bins if group.count]
    return Calibration(
        answers=len(judged),
        error=sum(gaps) / len(judged) if judged else math.nan,
        bins=bins,
        by_confidence=[
            _group(word, [one for one in judged if one.confidence == word]) for word in confidence.vocabulary.values()
        ],
    )


@dataclass(frozen=True)
class Threshold:
    """At or above `probability`, the share `precision` of the answers is right; the share `kept` of all is there."""

    probability: float
    precision: float
    kept: float


def threshold_for(judged: Sequence[Judged], precision: float) -> Threshold | None:
    """The lowest probability at or above which at least the share `precision` is right; None where there is none."""
    best = None
    right = 0
    ranked = sorted(judged, key=lambda one: -one.probability)
    for number, one in enumerate(ranked, 1):
        right += one.is_right
        is_last_of_its_probability = number == len(ranked) or ranked[number].probability < one.probability
        if is_last_of_its_probability and right / number >= precision:
            best = Threshold(one.probability, right / number, number / len(ranked))
    return best


def _group(label: str, some: Sequence[Judged]) -> Group:
    if not some:
        return Group(label, 0, math.nan, math.nan)
    probability = sum(one.probability for one in some) / len(some)
    return Group(label, len(some), probability, sum(one.is_right for one in some) / len(some))
