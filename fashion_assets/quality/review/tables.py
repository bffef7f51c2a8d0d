"""The tables of the review page: which products a person has looked at, and the labels of the random audit."""

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

AUDIT_LABELS = Table(
    "audit_labels",
    key=("product_id", "photo_sha256", "field"),
    columns=(
        Column("product_id", pl.Int64, "The product that was drawn."),
        Column("photo_sha256", pl.String, "Hash of the photo that was looked at; null when there was none."),
        Column("field", pl.String, "The attribute, as `product_extracted_attributes` names it."),
        Column("value", pl.String, "What it is; items of a list separated by |; null: one cannot tell."),
        Column("author", pl.String, "Who says so."),
        Column("at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only; the first answer counts, because it was given before the model's was shown."""
