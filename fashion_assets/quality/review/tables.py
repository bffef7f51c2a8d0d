"""The table of the review page: which products a person has looked at."""

import polars as pl

from fashion_assets.storage.table import UTC_TIME, Column, Table

REVIEWED_PRODUCTS = Table(
    "reviewed_products",
    key=("product_id", "at"),
    columns=(
        Column("product_id", pl.Int64, "The product that was looked at."),
        Column("fingerprint", pl.String, "Hash of what there was to see; null takes the review back."),
        Column("author", pl.String, "Who looked."),
        Column("at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only; the last word on a product counts, as long as there is nothing new to see."""
