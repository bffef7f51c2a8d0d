"""Rows in the form that a table declares."""

from collections.abc import Sequence

import polars as pl

from fashion_assets.storage.table import Table


def conform(rows: pl.DataFrame, table: Table, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """`rows` with the table's columns and types, in its order; missing columns become nulls."""
    names = columns or list(table.row_schema)
    missing = [pl.lit(None).alias(name) for name in names if name not in rows.columns]
    # `with_columns` first: selecting literals alone would turn an empty frame into one row.
    return rows.with_columns(missing).select(pl.col(name).cast(table.schema[name]) for name in names)
