"""The task for one batch, and records of what was computed elsewhere, so that nothing is lost or computed twice.

A record names everything that the rows were computed from (`target`) and the rows themselves (`fingerprint`). Rows with
a record for the current target are used as they are, whichever run computed them. Independent of Dagster and
Databricks.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from fashion_assets.storage.hashing import content_fingerprint, hash_text
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME, AssetTable, Column, Table

COMPUTED_BATCHES = Table(
    "computed_batches",
    key=("asset", BATCH, "computed_at"),
    columns=(
        Column("asset", pl.String, "The asset whose rows were computed."),
        Column(BATCH, pl.String, "The batch."),
        Column("target", pl.String, "Hash of everything that the rows were computed from."),
        Column("fingerprint", pl.String, "Hash of the rows."),
        Column("request", pl.String, "The step that requested them."),
        Column("figures", pl.String, "Measured figures, as JSON."),
        Column("computed_at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=("asset",),
)
"""Append-only; the last record of an asset's batch is valid."""

_MOST_RECORD_FILES = 200


@dataclass(frozen=True)
class Computed:
    """A batch's rows and measured figures: plain values for JSON, by name."""

    rows: pl.DataFrame
    figures: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ComputeTask:
    """What to compute for a batch: the rows of `output`, the table of an asset, from the rows of `source`.

    `models` are the identities of the models, by resource. With `only_failed` the rows are computed even if they are up
    to date. They also depend on `further_columns` of the source, of those that were added later. `next_batches` need
    the same computation soon: where a start is expensive, they may be computed in the same run, from the rows of
    `next_source`.
    """

    batch: str
    store: TableStore
    source: Table
    output: AssetTable
    models: Mapping[str, str]
    only_failed: bool = False
    further_columns: Sequence[str] = ()
    next_batches: Callable[[], list[str]] = list
    next_source: Table | None = None

    @property
    def asset(self) -> str:
        return self.output.asset

    def source_of(self, batch: str) -> Table:
        return self.source if batch == self.batch else self.next_source or self.source


def target_of(task: ComputeTask, batch: str, circumstances: Mapping[str, object]) -> str:
    """Hash of everything that the rows of `batch` are computed from; `circumstances` are code, prompts and settings."""
    source = task.source_of(batch)
    rows = content_fingerprint(task.store.read(source, batch), source.hashed_columns, later=task.further_columns)
    return hash_text(json.dumps([task.asset, dict(task.models), dict(circumstances), rows], sort_keys=True))


def record_computed(
    store: TableStore, output: AssetTable, batch: str, target: str, request: str, figures: Mapping[str, object]
) -> None:
    """Record that the current rows of `output` were computed for `target`."""
    row = {
        "asset": output.asset,
        BATCH: batch,
        "target": target,
        "fingerprint": _fingerprint(store.read(output, batch), output),
        "request": request,
        "figures": json.dumps(dict(figures)),
        "computed_at": datetime.now(UTC),
    }
    store.append(COMPUTED_BATCHES, pl.DataFrame([row], schema=COMPUTED_BATCHES.row_schema))
    store.compact_if_fragmented(COMPUTED_BATCHES, _MOST_RECORD_FILES)


def find_computed(
    store: TableStore, output: AssetTable, batch: str, target: str, request: str | None = None
) -> Computed | None:
    """The batch's rows and figures if they were computed for `target` and are unchanged since, else None.

    With `request`, only if that step requested them.
    """
    records = store.read(COMPUTED_BATCHES, partition={"asset": output.asset}).filter(pl.col(BATCH) == batch)
    if records.is_empty():
        return None
    last = records.sort("computed_at").row(-1, named=True)
    if last["target"] != target or request not in (None, last["request"]):
        return None
    rows = store.read(output, batch)
    if _fingerprint(rows, output) != last["fingerprint"]:
        return None
    return Computed(rows, json.loads(last["figures"]))


def _fingerprint(rows: pl.DataFrame, output: Table) -> str:
    """Over all columns, since the row hash leaves vectors out and would not show damage to them."""
    later = output.later_columns
    return content_fingerprint(rows, [name for name in output.row_schema if name not in later], later=later)
