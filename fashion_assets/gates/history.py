"""The figures of every gate over time, by batch: what `fashion status` shows and regressions are measured against."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from fashion_assets.gates.gate import Judgement
from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME, Column, Table

WHOLE_CATALOG = "catalog"
"""In place of a batch, for gates that judge the whole catalog."""

MOST_HISTORY_FILES = 20
"""More files of one batch are compacted: each recording adds one, and every later one reads them all."""

GATE_HISTORY = Table(
    "gate_history",
    key=(BATCH, "name", "evaluated_at"),
    columns=(
        Column("asset", pl.String, "The asset that was judged."),
        Column("name", pl.String, "The gate."),
        Column("outcome", pl.String, "The judgement.", allowed=("passed", "warned", "failed")),
        Column("value", pl.Float64, "The share or figure; null when no row applied."),
        Column("threshold", pl.Float64, "The bound that decided."),
        Column("counted", pl.Int64, "Rows that are counted."),
        Column("applicable", pl.Int64, "Rows that the gate applies to."),
        Column("reason", pl.String, "The judgement in words."),
        Column("evaluated_at", UTC_TIME, "When.", is_hashed=False),
    ),
)
"""Append-only; a judgement equal to the last one of its gate and batch is not repeated."""

ACCEPTED_FIGURES = Table(
    "accepted_figures",
    key=("name", "accepted_at"),
    columns=(
        Column("name", pl.String, "The gate."),
        Column("value", pl.Float64, "Its figure when the batch was accepted."),
        Column("author", pl.String, "Who accepted a dropped figure; null if none had dropped."),
        Column("reason", pl.String, "Why."),
        Column("accepted_at", UTC_TIME, "When.", is_hashed=False),
    ),
)
"""Append-only: the reference for the figures of a batch's next run."""


def record_judgements(
    store: TableStore, asset: str, judgements: Sequence[Judgement], now: datetime, batch: str = WHOLE_CATALOG
) -> None:
    """Append the judgements that differ from the last ones of the batch."""
    record_judgements_of_assets(store, {asset: judgements}, now, batch)


def record_judgements_of_assets(
    store: TableStore, judgements: Mapping[str, Sequence[Judgement]], now: datetime, batch: str = WHOLE_CATALOG
) -> None:
    """As `record_judgements`, for several assets in one commit."""
    names = [column.name for column in GATE_HISTORY.columns if column.is_hashed]
    rows = pl.DataFrame(
        [
            {"asset": asset, **{name: getattr(judgement, name) for name in names if name != "asset"}}
            for asset, of_asset in judgements.items()
            for judgement in of_asset
        ],
        schema={name: GATE_HISTORY.schema[name] for name in names},
    )
    changed = rows.join(latest_judgements(store, batch), on=names, how="anti", nulls_equal=True, maintain_order="left")
    if len(changed):
        store.append(GATE_HISTORY, changed.with_columns(pl.lit(batch).alias(BATCH), pl.lit(now).alias("evaluated_at")))
        store.compact_if_fragmented(GATE_HISTORY, MOST_HISTORY_FILES, batch)


def latest_judgements(store: RowReader, batch: str | None = None) -> pl.DataFrame:
    """The last judgement of each gate and batch, in GATE_HISTORY's columns."""
    rows = store.read(GATE_HISTORY, batch)
    return rows.sort("evaluated_at").unique([BATCH, "asset", "name"], keep="last", maintain_order=True)
