"""The verdict of a pilot: PROCEED, REFINE PROMPTS or RECONSIDER, with every figure that it rests on.

Bounds are the profile's limits. Shares are those of the stratified sample; the rules see the products
that top it up as well.
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

    `value` is None when no row applies. A rule over few rows is shown and does not decide.
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
        """Whether it is good enough for PROCEED."""
        if self.value is None:
            return self.is_rule
        if self.value == self.proceed:
            return self.includes_proceed
        return self.value > self.proceed if self.at_least else self.value < self.proceed

    @property
    def is_hopeless(self) -> bool:
        """Whether it is beyond the bound of RECONSIDER."""
        if self.value is None or self.reconsider is None:
            return False
        return self.value < self.reconsider if self.at_least else self.value > self.reconsider

    def in_words(self) -> str:
        found = "no row" if self.value is None else f"{self.value:.1%} of {self.rows}"
        bound = "at least" if self.at_least else "at most" if self.includes_proceed else "under"
        return f"{self.name}: {found}, {bound} {self.proceed:.0%} wanted."


def pilot_criteria(stratified: pl.DataFrame, asked: pl.DataFrame, profile: ShopProfile = SHIPPED) -> list[Criterion]:
    """The criteria over the attributes of the stratified sample, and the blocking rules over all that was `asked`."""
    answered = stratified.filter(SUCCEEDED)
    taxonomy, limits = profile.taxonomy, profile.limits.pilot
    is_unknown = pl.col("material") == taxonomy["material"].cannot_tell
    is_sure = pl.col("confidence_material").is_in(taxonomy["confidence"].sure_values)
    return [
        _share("success", stratified, SUCCEEDED, limits.success),
        _share("material unknown", answered, is_unknown, limits.material_unknown, at_least=False),
        _share("confidence high or medium", answered, is_sure, limits.sure_confidence),
        *(_of_rule(rule, asked) for rule in consistency_rules(profile) if rule.is_blocking),
    ]


def decide_pilot(
    criteria: Sequence[Criterion], grounding: Grounding, limits: PilotLimits = SHIPPED.limits.pilot
) -> tuple[PilotVerdict, tuple[str, ...]]:
    """The verdict and its reasons, first match wins: RECONSIDER, PROCEED, REFINE PROMPTS."""
    hopeless = [one for one in criteria if one.is_hopeless and not one.is_rule]
    broken = [one for one in criteria if one.is_hopeless and one.is_rule and one.decides]
    if len(broken) >= limits.rules_to_reconsider:
        hopeless += broken
    if hopeless or grounding.failed:
        return PilotVerdict.RECONSIDER, (*(one.in_words() for one in hopeless), *grounding.reasons)
    lacking = [one for one in criteria if one.decides and not one.holds]
    if lacking:
        return PilotVerdict.REFINE, tuple(one.in_words() for one in lacking)
    return PilotVerdict.PROCEED, tuple(one.in_words() for one in criteria)


def _share(name: str, rows: pl.DataFrame, counts: pl.Expr, bounds: PilotBounds, at_least: bool = True) -> Criterion:
    value = rows.select(counts.fill_null(False).mean()).item() if len(rows) else None
    return Criterion(name, value, len(rows), at_least, bounds.proceed, bounds.reconsider, includes_proceed=at_least)


def _of_rule(rule: Rule, asked: pl.DataFrame) -> Criterion:
    judgement = rule.judge(asked)
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
