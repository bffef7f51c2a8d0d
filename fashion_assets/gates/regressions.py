"""Whether a batch has become worse: its figures compared with those of its last accepted run.

A figure that drops by more than five points is reported even far above its threshold: the change may be unintended.
Dropped figures do not become the reference for the next run until a person accepts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fashion_assets.gates.gate import FEWEST_ROWS_FOR_AN_ERROR, Gate, Judgement, judge_condition
from fashion_assets.gates.history import ACCEPTED_FIGURES
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

LARGEST_DROP = SHIPPED.limits.gates.largest_drop

NO_REGRESSION = "no_figure_dropped_by_more_than_5_points"
WHY = "However good a figure still is, something changed; `fashion accept` records that this was intended."


@dataclass(frozen=True)
class Drop:
    """A gate's figure that is worse than the last accepted one; both are shares."""

    name: str
    before: float
    now: float

    def in_words(self) -> str:
        return f"{self.name} went from {self.before:.1%} to {self.now:.1%}"


def drops(gates: Sequence[Gate], judgements: Sequence[Judgement], accepted: dict[str, float]) -> list[Drop]:
    """The figures that are worse by more than LARGEST_DROP, worst first; figures over few rows are left out."""
    direction = {gate.name: gate.direction for gate in gates}
    dropped = []
    for judgement in judgements:
        before = accepted.get(judgement.name)
        if before is None or judgement.value is None or judgement.applicable < FEWEST_ROWS_FOR_AN_ERROR:
            continue
        worse = before - judgement.value if direction[judgement.name] == "at_least" else judgement.value - before
        if round(worse, 9) > LARGEST_DROP:
            dropped.append((worse, Drop(judgement.name, before, judgement.value)))
    return [drop for _, drop in sorted(dropped, key=lambda pair: -pair[0])]


def judge_regression(dropped: Sequence[Drop], accepted: dict[str, float]) -> Judgement:
    """The judgement of the check NO_REGRESSION."""
    if dropped:
        reason = "; ".join(drop.in_words() for drop in dropped) + "."
    elif accepted:
        reason = f"None of {len(accepted)} figures is worse than in the last accepted run by more than 5 points."
    else:
        reason = "This batch has not been accepted before, so there is nothing to compare with."
    worst = abs(dropped[0].before - dropped[0].now) if dropped else None
    figures = {"value": worst, "threshold": LARGEST_DROP, "counted": len(dropped), "applicable": len(accepted)}
    return judge_condition(NO_REGRESSION, not dropped, reason, is_blocking=False, **figures)


def accepted_figures(store: RowReader, batch: str, before: datetime | None = None) -> dict[str, float]:
    """By gate: the figure of the batch's last accepted run, or of the last run accepted `before` a time."""
    rows = store.read(ACCEPTED_FIGURES, batch).sort("accepted_at", maintain_order=True)
    if before is not None:
        rows = rows.filter(pl.col("accepted_at") < before)
    return dict(rows.unique("name", keep="last").select("name", "value").iter_rows())


@dataclass(frozen=True)
class Acceptance:
    """Who accepted dropped figures, why, and when (UTC)."""

    author: str
    reason: str
    accepted_at: datetime

    def in_words(self) -> str:
        return f"{self.author} accepted this at {self.accepted_at:%Y-%m-%d %H:%M} UTC: {self.reason}"


def find_acceptance(store: RowReader, batch: str, since: datetime) -> Acceptance | None:
    """The last acceptance by a person at or after a time."""
    rows = store.read(ACCEPTED_FIGURES, batch).filter(pl.col("author").is_not_null(), pl.col("accepted_at") >= since)
    if rows.is_empty():
        return None
    row = rows.sort("accepted_at").row(-1, named=True)
    return Acceptance(row["author"], row["reason"], row["accepted_at"])


def accept_figures(
    store: TableStore,
    batch: str,
    figures: dict[str, float | None],
    now: datetime,
    author: str | None = None,
    reason: str | None = None,
) -> list[str]:
    """Make these figures the reference for the batch's next run; returns the names of those that are new."""
    accepted = accepted_figures(store, batch)
    new = {name: value for name, value in figures.items() if value is not None and accepted.get(name) != value}
    if new:
        rows = [
            {BATCH: batch, "name": name, "value": value, "author": author, "reason": reason, "accepted_at": now}
            for name, value in new.items()
        ]
        store.append(ACCEPTED_FIGURES, pl.DataFrame(rows, schema=ACCEPTED_FIGURES.row_schema))
    return list(new)
