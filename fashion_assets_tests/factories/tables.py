"""Two small tables: one of products by batch, and an append-only log."""

import polars as pl

from fashion_assets.storage.table import UTC_TIME, Column, Table

THINGS = Table(
    "things",
    key=("product_id",),
    columns=(
        Column("product_id", pl.Int64),
        Column("name", pl.String),
        Column("tags", pl.List(pl.String)),
        Column("seen_at", UTC_TIME, is_hashed=False),
    ),
)

LOG = Table(
    "log",
    key=("key",),
    columns=(Column("key", pl.String), Column("model", pl.String), Column("text", pl.String)),
    partition_by=("model",),
)


def things(*ids: int, name: str = "a", at: str = "2026-01-01") -> pl.DataFrame:
    rows = [{"product_id": i, "name": name, "tags": ["x"], "seen_at": f"{at} 00:00:00"} for i in ids]
    return pl.DataFrame(rows).with_columns(pl.col("seen_at").str.to_datetime(time_zone="UTC"))
