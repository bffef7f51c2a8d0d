"""The verdict of a pilot: PROCEED, REFINE PROMPTS or RECONSIDER, with every figure behind it.

The bounds are the profile's limits. Shares are those of the stratified sample; rules also see the products that top it
up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fashion_assets.extraction.pilot_guard import PilotVerdict
from fashion_assets.gates.gate import FEWEST_ROWS_FOR_AN_ERROR
from fashion_assets.quality.pilot.grounding import Grounding
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.quality.rules.rule import SUCCEEDED, Rule
from fashion_assets.shop.limits import PilotBounds, PilotLimits
from fashion_assets.shop.profile import SHIPPED, ShopProfile


@dataclass(frozen=True)
class Criterion:
    """A share and its bounds: `proceed` must hold for PROCEED, beyond `reconsider` it is RECONSIDER.

    `value` is None if no row applies. A rule over too few rows is shown but does not decide.
    """

    name: str
    value: float | None
    rows: int
    at_least: bool
    proceed: float
    reconsider: float | None
    includes_proceed: bool = True
    is_rule: bool = False

    @property
    def decides(self) -> bool:
        return not self.is_rule or self.rows >= FEWEST_ROWS_FOR_AN_ERROR

    @property
    def holds(self) -> bool:
        """Whether the value is good enough for PROCEED."""
        if self.value is None:
            return self.is_rule
        if self.value == self.proceed:
            return self.includes_proceed
        return self.value > self.proceed if self.at_least else self.value < self.proceed

    @property
    def is_hopeless(self) -> bool:
        """Whether the value is beyond the bound for RECONSIDER."""
        if self.value is None or self.reconsider is None:
            return False
        return self.value < self.reconsider if self.at_least else self.value > self.reconsider

    def in_words(self) -> str:
        figure = "no row" if self.value is None else f"{self.value:.1%} of {self.rows}"
        bound = "at least" if self.at_least else "at most" if self.includes_proceed else "under"
        return f"{self.name}: {figure}, {bound} {self.proceed:.0%} wanted."


def pilot_criteria(stratified: pl.DataFrame, rows: pl.DataFrame, profile: ShopProfile = SHIPPED) -> list[Criterion]:
    """The criteria over the attributes of the stratified sample, and the blocking rules over all `rows`."""
    answered = stratified.filter(SUCCEEDED)
    taxonomy, limits = profile.taxonomy, profile.limits.pilot
    is_unknown = pl.col("material") == taxonomy["material"].cannot_tell
    is_sure = pl.col("confidence_material").is_in(taxonomy["confidence"].sure_values)
    return [
        _share("success", stratified, SUCCEEDED, limits.success),
        _share("material unknown", answered, is_unknown, limits.material_unknown, at_least=False),
        _share("confidence high or medium", answered, is_sure, limits.sure_confidence),
        *(_of_rule(rule, rows) for rule in consistency_rules(profile) if rule.is_blocking),
    ]


def decide_pilot(
    criteria: Sequence[Criterion], grounding: Grounding, limits: PilotLimits = SHIPPED.limits.pilot
) -> tuple[PilotVerdict, tuple[str, ...]]:
    """The verdict and its reasons; RECONSIDER comes before REFINE PROMPTS."""
    hopeless = [criterion for criterion in criteria if criterion.is_hopeless and not criterion.is_rule]
    broken = [criterion for criterion in criteria if criterion.is_hopeless and criterion.is_rule and criterion.decides]
    if len(broken) >= limits.rules_to_reconsider:
        hopeless += broken
    if hopeless or grounding.failed:
        return PilotVerdict.RECONSIDER, (*_in_words(hopeless), *grounding.reasons)
    lacking = [criterion for criterion in criteria if criterion.decides and not criterion.holds]
    if lacking:
        return PilotVerdict.REFINE, _in_words(lacking)
    return PilotVerdict.PROCEED, _in_words(criteria)


def _in_words(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    return tuple(criterion.in_words() for criterion in criteria)


def _share(name: str, rows: pl.DataFrame, counts: pl.Expr, bounds: PilotBounds, at_least: bool = True) -> Criterion:
    value = rows.select(counts.fill_null(False).mean()).item() if len(rows) else None
    return Criterion(name, value, len(rows), at_least, bounds.proceed, bounds.reconsider, includes_proceed=at_least)


def _of_rule(rule: Rule, rows: pl.DataFrame) -> Criterion:
    judgement = rule.judge(rows)
    bounds = [bound for bound in (rule.warn, rule.error) if bound is not None]
    return Criterion(
        rule.name.replace("_", " "),
        judgement.value,
        judgement.applicable,
        rule.direction == "at_least",
        bounds[0],
        rule.error,
        is_rule=True,
    )
