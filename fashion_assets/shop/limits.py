"""Every threshold for judging answers and indexes, as data: gates, rules, pilot, grounding, accuracy, search index.

The figures are those of the specification, section 3, as shares from 0 to 1. What is counted, and over which products,
is defined by the rules and gates that take these limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Bounds:
    """Beyond `error` a batch is stopped, beyond `warn` it is only reported; None means no bound."""

    error: float | None = None
    warn: float | None = None


@dataclass(frozen=True)
class GateLimits:
    """Shares of a batch's products."""

    extraction_success: Bounds = Bounds(error=0.85, warn=0.90)
    material_unknown: Bounds = Bounds(error=0.30, warn=0.15)
    sure_confidence: Bounds = Bounds(error=0.70, warn=0.75)
    low_confidence: Bounds = Bounds(warn=0.30)
    unclear_pattern: Bounds = Bounds(warn=0.20)
    invalid_answers: Bounds = Bounds(warn=0.10)
    dominant_material: Bounds = Bounds(warn=0.60)
    dominant_formality: Bounds = Bounds(warn=0.90)
    described_material: Bounds = Bounds(warn=0.80)
    fewest_rows_for_an_error: int = 20
    """With fewer applicable rows a gate or rule can only warn: one odd watch must not block a small batch."""
    largest_drop: float = 0.05
    """How much worse a figure may be than in the last accepted run of the same batch."""
    fewest_rows_of_a_type: int = 5
    """Rows of an article type, for its shares to count in the gates against one dominant answer."""
    fewest_types: int = 5
    """With fewer article types, one value may rightly be the most frequent in all of them."""


@dataclass(frozen=True)
class RuleLimits:
    """Shares of the products that a rule applies to."""

    watches_are_metal: Bounds = Bounds(error=0.70, warn=0.90)
    tshirts_are_knit_fabric: Bounds = Bounds(error=0.65, warn=0.85)
    formal_shirts: Bounds = Bounds(warn=0.85)
    sports_products: Bounds = Bounds(warn=0.70)
    summer_tops: Bounds = Bounds(warn=0.60)
    agrees_with_clip: Bounds = Bounds(warn=0.60)
    agrees_with_name: Bounds = Bounds(warn=0.75)
    agrees_with_the_shops_table: Bounds = Bounds(warn=0.75)


@dataclass(frozen=True)
class PilotBounds:
    """`proceed` must hold for PROCEED; beyond `reconsider` it is RECONSIDER, where there is such a bound."""

    proceed: float
    reconsider: float | None = None


@dataclass(frozen=True)
class PilotLimits:
    """The pilot's sample and its grounding control, and shares of both."""

    sample_size: int = 100
    """Products of the stratified sample."""
    fewest_of_type: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"Watches": 20, "Tshirts": 20}), hash=False
    )
    """Products of the article types whose rules decide the verdict; the sample is topped up to them."""
    empty_photos: int = 10
    swapped_photos: int = 20
    success: PilotBounds = PilotBounds(proceed=0.85, reconsider=0.70)
    material_unknown: PilotBounds = PilotBounds(proceed=0.15, reconsider=0.30)
    sure_confidence: PilotBounds = PilotBounds(proceed=0.75)
    rules_to_reconsider: int = 2
    """With this many rules below their error threshold, the verdict is RECONSIDER."""
    most_sure_about_nothing: float = 0.5
    """Largest share of empty photos for which a model may be sure of a material and still count as looking."""
    fewest_following: float = 0.5
    """Smallest share of answers that must follow the photo, of those that differ between a product and its stand-in."""
    fewest_different: int = 10
    """Smallest number of answers that differ within the pairs, at three questions a pair; fewer means hardly ever."""


@dataclass(frozen=True)
class IndexLimits:
    """What a search index is judged by before it is promoted."""

    least_recall: float = 0.99
    """Share of the 20 nearest products of exact search that the index finds."""
    most_milliseconds: float = 20.0
    """Of the median query; a slower index only warns."""
    least_effect: float = 0.01
    """By how much nDCG@10 may be lower, in the mean over the queries, without keeping a new version from going live: a
    smaller loss is not worth that names, prices and photos stay those of yesterday."""


@dataclass(frozen=True)
class Limits:
    """All limits of a shop; the defaults are those that ship."""

    gates: GateLimits = GateLimits()
    rules: RuleLimits = RuleLimits()
    pilot: PilotLimits = PilotLimits()
    index: IndexLimits = IndexLimits()
    accuracy_goals: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"material": 0.75, "pattern": 0.85, "formality": 0.70, "style_keywords": 0.60, "visual_details": 0.70}
        ),
        hash=False,
    )
    """Accuracy to exceed, by column."""
