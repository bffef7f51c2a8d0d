"""The table of search quality: the figures of each index version that went live."""

from datetime import datetime

import polars as pl

from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import UTC_TIME, Column, Origin, table_of_asset

NOT_WORSE = "search_quality_is_not_worse"
"""The check that a new index version must pass."""

ENRICHMENT_PAYS = "enriched_search_is_not_worse_than_the_baseline"
"""The check that only warns: extracted values should not make searches worse."""

FIGURE_COLUMNS = (
    Column("suite", pl.String, "Which queries: `catalog_queries` or `text_to_image`."),
    Column("index", pl.String, "The search index; `a - b` for the paired difference of two."),
    Column("ranking", pl.String, "How results were ordered: `vectors` alone, `as served`, or that without one part."),
    Column("metric", pl.String, "What was measured, as `ndcg@10`; shares from 0 to 1, the score spread in points."),
    Column("value", pl.Float64, "Mean over the queries; null without a query.", is_hashed=False),
    Column("low", pl.Float64, "Lower end of its 95 % interval.", is_hashed=False),
    Column("high", pl.Float64, "Upper end of its 95 % interval.", is_hashed=False),
    Column("queries", pl.Int64, "Queries that it is the mean of."),
)
FIGURES = pl.Schema({column.name: column.dtype for column in FIGURE_COLUMNS})

SEARCH_QUALITY = table_of_asset(
    "search_quality",
    key=("measured_at", "suite", "index", "ranking", "metric"),
    columns=(
        Column("index_version", pl.Int64, "The version that was measured."),
        *FIGURE_COLUMNS,
        Column("measured_at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
    origin=Origin.RECORDED,
)
"""Append-only."""


def record_figures(store: TableStore, index_version: int, figures: pl.DataFrame, now: datetime) -> None:
    """Append the figures (FIGURES schema) of one version, measured at `now` (aware)."""
    store.append(SEARCH_QUALITY, figures.with_columns(index_version=pl.lit(index_version), measured_at=pl.lit(now)))
