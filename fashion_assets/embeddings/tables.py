"""The embeddings slice's table: each product's vectors, with what they were made of and by which model."""

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMNS
from fashion_assets.extraction.tables import RETRY_COLUMNS
from fashion_assets.storage.table import UTC_TIME, Column, table_of_asset

VISUAL_COLUMNS = ("material", "pattern", "formality", "collar_type", "sleeve_length", "fit_type")

VECTOR_COLUMNS = (
    "image_embedding",
    "text_embedding",
    "text_embedding_enriched",
    "hybrid_embedding",
    "hybrid_embedding_enriched",
)

_VECTOR = pl.List(pl.Float32)

EMBEDDINGS = table_of_asset(
    "clip_embeddings",
    name="product_embeddings_multimodal",
    columns=(
        *SOURCE_COLUMNS,
        Column("rich_text_description", pl.String, "The description with visual attributes."),
        Column("baseline_description", pl.String, "Name, colour, usage and season only."),
        Column("embedded_text", pl.String, "The text behind `text_embedding_enriched`: rich where trusted."),
        Column("material", pl.String, "As extracted or corrected."),
        Column("pattern", pl.String, "As extracted or corrected."),
        Column("formality", pl.String, "As extracted or corrected."),
        Column("collar_type", pl.String, "As extracted or corrected; null when not asked."),
        Column("sleeve_length", pl.String, "As extracted or corrected; null when not asked."),
        Column("fit_type", pl.String, "As extracted or corrected."),
        Column("corrections", pl.String, "What people corrected, as `field=value; ...`; null for nothing."),
        Column("image_embedding", _VECTOR, "Of the photo; null without a readable photo.", is_hashed=False),
        Column("text_embedding", _VECTOR, "Of `baseline_description`.", is_hashed=False),
        Column("text_embedding_enriched", _VECTOR, "Of `embedded_text`.", is_hashed=False),
        Column("hybrid_embedding", _VECTOR, "Photo and baseline text; null without a photo.", is_hashed=False),
        Column("hybrid_embedding_enriched", _VECTOR, "Photo and embedded text; null without a photo.", is_hashed=False),
        *PHOTO_FACTS,
        Column("has_photo", pl.Boolean, "Whether the photo could be opened and has a vector."),
        Column("model_id", pl.String, "The vision-language model behind the visual columns."),
        Column("prompt_version", pl.String, "The prompts behind the visual columns."),
        *RETRY_COLUMNS,
        Column("embedding_model", pl.String, "Model and weights that made every vector of the row."),
        Column("embedding_dimension", pl.Int32, "Length of every vector of the row."),
        Column("hybrid_image_weight", pl.Float64, "Share of the photo in the hybrid vectors, 0..1."),
        Column("vector_repairs", pl.Int32, "How often malformed stored vectors of the row were replaced."),
        Column("updated_at", UTC_TIME, "When the row's content last changed.", is_hashed=False),
    ),
    clustered_by=("master_category", "article_type"),
)
"""All vectors are float32 of unit length. The row hash is made of inputs and provenance, not of the vectors' noise;
`has_photo` is part of it, so that a photo that comes back under its old hash is a change and gets its vectors, and so
is `vector_repairs`: damage to the vectors alone leaves the hash as it was, and the merge would keep the damage.

An article type belongs to one category, so that rows in the order of both lie as a z-order of both would have them."""
