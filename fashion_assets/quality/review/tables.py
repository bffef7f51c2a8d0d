"""The table of the review page: which products a person has reviewed."""

import polars as pl

from fashion_assets.storage.table import UTC_TIME, Column, Table

REVIEWED_PRODUCTS = Table(
    "reviewed_products",
    key=("product_id", "at"),
    columns=(
        Column("product_id", pl.Int64, "The product that was reviewed."),
        Column("fingerprint", pl.String, "Hash of what the reviewer saw; null withdraws the review."),
        Column("author", pl.String, "Who reviewed it."),
        Column("at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only; the last row of a product counts as long as its fingerprint is unchanged."""
