"""Quality gates as data: a figure about rows, two thresholds, and a judgement that carries its reason.

A gate first counts and then decides from the counts. Counts of parts add up, so that a gate can judge more rows than
fit into memory.

Every slice declares its gates with these types; `asset_checks.py` turns judgements into Dagster asset checks, and
`history.py` stores them.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import polars as pl

from fashion_assets.shop.profile import SHIPPED

FEWEST_ROWS_FOR_AN_ERROR = SHIPPED.limits.gates.fewest_rows_for_an_error
"""With fewer applicable rows a gate can only warn: one odd watch must not block a small batch (spec, section 3)."""

SAMPLE_SIZE = 10

Outcome = Literal["passed", "warned", "failed"]
TallyT = TypeVar("TallyT")
"""What a gate counts in some rows; `+` adds those of two parts."""


@dataclass(frozen=True)
class Judgement:
    """The result of a gate: `value` is the share (None when no row applies), `threshold` the bound that decided."""

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
    """What a share gate counts in some rows; the tallies of parts add up to that of all rows.

    `applicable` rows, those of them that are `counted`, and the smallest ids of offending rows, at most SAMPLE_SIZE.
    """

    applicable: int
    counted: int
    offending_ids: tuple[int, ...]

    def __add__(self, other: "Tally") -> "Tally":
        ids = sorted((*self.offending_ids, *other.offending_ids))
        return Tally(self.applicable + other.applicable, self.counted + other.counted, tuple(ids[:SAMPLE_SIZE]))


@dataclass(frozen=True, kw_only=True)
class Gate(ABC, Generic[TallyT]):
    """A figure about rows that must be `at_least` or `at_most` its thresholds.

    `error` is the threshold that stops the batch, `warn` the one that is only reported; either may be None. `name` is a
    sentence that is true when the gate passes. A gate that was `added_later` judges columns that were too, and no row
    without a value in them: it leaves verdicts on such rows as they are.
    """

    name: str
    why: str
    direction: Literal["at_least", "at_most"]
    error: float | None = None
    warn: float | None = None
    added_later: bool = False

    @property
    def is_blocking(self) -> bool:
        return self.error is not None

    @property
    @abstractmethod
    def selection(self) -> str:
        """The rows that it judges and those that it counts, as text: it enters the version of the rules."""

    @abstractmethod
    def count(self, rows: pl.DataFrame) -> TallyT:
        """Count what is to be judged in the rows, which need a `product_id` column for the samples."""

    @abstractmethod
    def decide(self, tally: TallyT) -> Judgement:
        """Judge what was counted, in one part or added up over several."""

    def judge(self, rows: pl.DataFrame) -> Judgement:
        """Judge the rows; a figure exactly on a threshold passes."""
        return self.decide(self.count(rows))

    def _compare(self, value: float, applicable: int) -> tuple[Outcome, float | None]:
        """The outcome for a figure over `applicable` rows, and the threshold that decided it."""
        if self._is_beyond(value, self.error):
            return "failed" if applicable >= FEWEST_ROWS_FOR_AN_ERROR else "warned", self.error
        if self._is_beyond(value, self.warn):
            return "warned", self.warn
        return "passed", self.error if self.error is not None else self.warn

    def _is_beyond(self, value: float, threshold: float | None) -> bool:
        if threshold is None:
            return False
        return value < threshold if self.direction == "at_least" else value > threshold


@dataclass(frozen=True, kw_only=True)
class ShareGate(Gate[Tally]):
    """The share of rows where `counts` holds, among those where `applies` holds."""

    applies: pl.Expr
    counts: pl.Expr

    @property
    def selection(self) -> str:
        return f"{self.applies}|{self.counts}"

    def count(self, rows: pl.DataFrame) -> Tally:
        flags = rows.select("product_id", applies=self.applies, counts=self.counts.fill_null(False))
        applicable = flags.filter("applies")
        is_offending = ~pl.col("counts") if self.direction == "at_least" else pl.col("counts")
        offending = applicable.filter(is_offending)["product_id"].sort().head(SAMPLE_SIZE)
        return Tally(len(applicable), int(applicable["counts"].sum()), tuple(offending))

    def decide(self, tally: Tally) -> Judgement:
        total, number = tally.applicable, tally.counted
        if total == 0:
            return Judgement(self.name, "passed", None, self.error or self.warn, 0, 0, "No row applies.")
        value = number / total
        outcome, threshold = self._compare(value, total)
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

    def _reason(self, value: float, number: int, total: int, outcome: Outcome, threshold: float | None) -> str:
        # Reasons are stored in the history: another wording would add a row for every gate of every batch.
        bound = f"{self.direction.replace('_', ' ')} {threshold:.0%}"
        text = f"{number} of {total} rows are {value:.1%}, {bound} {'holds' if outcome == 'passed' else 'was wanted'}"
        is_small = outcome == "warned" and threshold == self.error
        return f"{text}; fewer than {FEWEST_ROWS_FOR_AN_ERROR} rows can only warn." if is_small else f"{text}."


def judge_all(gates: Sequence[Gate], rows: pl.DataFrame) -> list[Judgement]:
    """One judgement per gate, in order."""
    return [gate.judge(rows) for gate in gates]


def judge_condition(name: str, holds: bool, reason: str, *, is_blocking: bool = True, **figures: Any) -> Judgement:
    """The judgement on a condition that holds or not; `figures` are the fields of the judgement, none by default."""
    outcome: Outcome = "passed" if holds else "failed" if is_blocking else "warned"
    filled = {"value": None, "threshold": None, "counted": 0, "applicable": 0, **figures}
    return Judgement(name=name, outcome=outcome, reason=reason, **filled)
