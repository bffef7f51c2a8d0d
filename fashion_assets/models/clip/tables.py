"""The tables of vectors by content: a photo, and a text that comes with every run, is embedded once, for all assets."""

import polars as pl

from fashion_assets.storage.table import UTC_TIME, Column, Origin, Table

PHOTO_VECTORS = Table(
    "photo_vectors",
    key=("embedding_model", "photo_sha256"),
    columns=(
        Column("photo_sha256", pl.String, "Hash of the photo file."),
        Column("embedding_model", pl.String, "Model and weights that computed the vector."),
        Column("embedding", pl.List(pl.Float32), "Of unit length.", is_hashed=False),
        Column("made_at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=("embedding_model",),
    looked_up_by="photo_sha256",
    origin=Origin.CACHED,
)
"""Append-only; read with deduplication, because Delta enforces no uniqueness, and without malformed vectors, which are
computed again and appended."""

TEXT_VECTORS = Table(
    "text_vectors",
    key=("embedding_model", "text"),
    columns=(
        Column("text", pl.String, "What is embedded: a query that measures searches, or a label of a value."),
        Column("embedding_model", pl.String, "Model and weights that computed the vector."),
        Column("embedding", pl.List(pl.Float32), "Of unit length.", is_hashed=False),
        Column("made_at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
    origin=Origin.CACHED,
)
"""Append-only; read as PHOTO_VECTORS. A few hundred texts: descriptions of products are in EMBEDDINGS."""
