"""Catalog rows and labels for queries, small enough to grade by hand."""

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories import product


def catalog(*rows: dict) -> pl.DataFrame:
    """Products 1, 2, ...: blue men's casual shirts, unless said otherwise."""
    return conform(pl.DataFrame([product(n, **row) for n, row in enumerate(rows, start=1)]), INGESTED_PRODUCTS)


def labels(**columns) -> pl.DataFrame:
    """Labels of products 1, 2, ..., in the format of `read_labels`."""
    count = max(map(len, columns.values()), default=0)
    return pl.DataFrame(
        {"product_id": range(1, count + 1), **columns},
        schema={"product_id": pl.Int64, **dict.fromkeys(columns, pl.String)},
    )
