"""Quality gates as data: a share of rows, two thresholds, and a judgement that carries its reason.

A gate counts and then decides by the counts, which add up: it can judge more rows than there is memory for.

Every slice declares its gates with these types; turning judgements into Dagster asset checks is in `asset_checks.py`,
keeping them is in `history.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from fashion_assets.shop.profile import SHIPPED

FEWEST_ROWS_FOR_AN_ERROR = SHIPPED.limits.gates.fewest_rows_for_an_error
"""With fewer applicable rows a gate can only warn: one odd watch must not block a small batch (spec, section 3)."""

SAMPLE_SIZE = 10

Outcome = Literal["passed", "warned", "failed"]


@dataclass(frozen=True)
class Judgement:
    """What a gate found. `value` is the share (None when no row applies), `threshold` the bound that decides."""

    name: str
    outcome: Outcome
    value: float | None
    threshold: float | None
    counted: int
    applicable: int
    reason: str
    sample_ids: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def severity(self) -> str:
        return "ERROR" if self.outcome == "failed" else "WARN"


@dataclass(frozen=True)
class Tally:
    """What a gate counts in some rows; those of parts add up to that of all rows together.

    The rows that are `applicable`, those of them that are `counted`, and the smallest ids of those that offend, at most
    SAMPLE_SIZE of them.
    """

    applicable: int
    counted: int
    offending_ids: tuple[int, ...]

    def __add__(self, other: "Tally") -> "Tally":
        ids = sorted((*self.offending_ids, *other.offending_ids))
        return Tally(self.applicable + other.applicable, self.counted + other.counted, tuple(ids[:SAMPLE_SIZE]))


@dataclass(frozen=True)
class Gate:
    """A share of rows that must be `at_least` or `at_most` its thresholds.

    The share is that of `counts` among the rows where `applies`. `error` is the threshold that stops the batch,
    `warn` the one that is only reported; either may be None. `name` is a sentence that is true when the gate passes.
    """

    name: str
    why: str
    applies: pl.Expr
    counts: pl.Expr
    direction: Literal["at_least", "at_most"]
    error: float | None = None
    warn: float | None = None

    @property
    def is_blocking(self) -> bool:
        return self.error is not None

    def judge(self, rows: pl.DataFrame) -> Judgement:
        """Judge the rows; exactly on a threshold passes. Rows need a `product_id` column for the samples."""
        return self.decide(self.count(rows))

    def count(self, rows: pl.DataFrame) -> Tally:
        """What there is to judge in the rows."""
        seen = rows.select("product_id", applies=self.applies, counts=self.counts.fill_null(False))
        applicable = seen.filter("applies")
        is_offending = ~pl.col("counts") if self.direction == "at_least" else pl.col("counts")
        offending = applicable.filter(is_offending)["product_id"].sort().head(SAMPLE_SIZE)
        return Tally(len(applicable), int(applicable["counts"].sum()), tuple(offending))

    def decide(self, tally: Tally) -> Judgement:
        """Judge what was counted, in rows of any number of parts."""
        total, number = tally.applicable, tally.counted
        if total == 0:
            return Judgement(self.name, "passed", None, self.error or self.warn, 0, 0, "No row applies.")
        value = number / total
        if self._is_beyond(value, self.error):
            outcome, threshold = "failed" if total >= FEWEST_ROWS_FOR_AN_ERROR else "warned", self.error
        elif self._is_beyond(value, self.warn):
            outcome, threshold = "warned", self.warn
        else:
            outcome, threshold = "passed", self.error if self.error is not None else self.warn
        return Judgement(
            name=self.name,
            outcome=outcome,
            value=value,
            threshold=threshold,
            counted=number,
            applicable=total,
            reason=self._reason(value, number, total, outcome, threshold),
            sample_ids=tally.offending_ids,
        )

    def _is_beyond(self, value: float, threshold: float | None) -> bool:
        if threshold is None:
            return False
        return value < threshold if self.direction == "at_least" else value > threshold

    def _reason(self, value: float, number: int, total: int, outcome: Outcome, threshold: float | None) -> str:
        wanted = f"{self.direction.replace('_', ' ')} {threshold:.0%}"
        text = f"{number} of {total} rows are {value:.1%}, {wanted} {'holds' if outcome == 'passed' else 'was wanted'}"
        is_small = outcome == "warned" and threshold == self.error
        return f"{text}; fewer than {FEWEST_ROWS_FOR_AN_ERROR} rows can only warn." if is_small else f"{text}."


def judge_all(gates: Sequence[Gate], rows: pl.DataFrame) -> list[Judgement]:
    """One judgement per gate, in order."""
    return [gate.judge(rows) for gate in gates]


def judge_condition(name: str, holds: bool, reason: str, *, is_blocking: bool = True, **figures) -> Judgement:
    """A judgement that is no share of rows: a condition that holds or not, with its figures."""
    outcome: Outcome = "passed" if holds else "failed" if is_blocking else "warned"
    filled = {"value": None, "threshold": None, "counted": 0, "applicable": 0, **figures}
    return Judgement(name=name, outcome=outcome, reason=reason, **filled)
