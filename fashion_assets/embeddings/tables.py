"""The table of the embeddings: each product's vectors, what they were made from, and by which model."""

from functools import lru_cache

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMNS
from fashion_assets.enrichment.tables import WORDED_COLUMNS
from fashion_assets.extraction.tables import RETRY_COLUMNS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.table import UTC_TIME, AssetTable, Column, table_of_asset

VECTOR_COLUMNS = (
    "image_embedding",
    "text_embedding",
    "text_embedding_enriched",
    "hybrid_embedding",
    "hybrid_embedding_enriched",
)

_VECTOR = pl.List(pl.Float32)


def _visual_columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    return tuple(
        Column(
            a.column,
            pl.String,
            f"As extracted or corrected{'' if a.default or a.is_essential else '; null if not applicable'}.",
        )
        for a in taxonomy.single_valued
    )


@lru_cache
def embeddings_table(taxonomy: Taxonomy) -> AssetTable:
    """`product_embeddings_multimodal` with the columns of a shop's attributes."""
    return table_of_asset(
        "clip_embeddings",
        name="product_embeddings_multimodal",
        columns=(
            *SOURCE_COLUMNS,
            Column("rich_text_description", pl.String, "The description with visual attributes."),
            Column("baseline_description", pl.String, "Name, colour, usage and season only."),
            Column("embedded_text", pl.String, "The text behind `text_embedding_enriched`: rich where trusted."),
            *_visual_columns(taxonomy),
            Column("corrections", pl.String, "People's corrections, as `field=value; ...`; null if there are none."),
            Column("image_embedding", _VECTOR, "Of the photo; null without a readable photo.", is_hashed=False),
            Column("text_embedding", _VECTOR, "Of `baseline_description`.", is_hashed=False),
            Column("text_embedding_enriched", _VECTOR, "Of `embedded_text`.", is_hashed=False),
            Column("hybrid_embedding", _VECTOR, "Photo and baseline text; null without a photo.", is_hashed=False),
            Column(
                "hybrid_embedding_enriched", _VECTOR, "Photo and embedded text; null without a photo.", is_hashed=False
            ),
            *PHOTO_FACTS,
            Column("has_photo", pl.Boolean, "Whether the photo could be opened and has a vector."),
            Column("model_id", pl.String, "The vision-language model behind the visual columns."),
            Column("prompt_version", pl.String, "The prompts behind the visual columns."),
            *RETRY_COLUMNS,
            Column("embedding_model", pl.String, "Model and weights behind every vector of the row."),
            Column("embedding_dimension", pl.Int32, "Length of every vector of the row."),
            Column("hybrid_image_weight", pl.Float64, "Share of the photo in the hybrid vectors, 0..1."),
            Column("vector_repairs", pl.Int32, "How often malformed vectors stored in the row were replaced."),
            Column("updated_at", UTC_TIME, "When the row's content last changed.", is_hashed=False),
            *WORDED_COLUMNS,
        ),
        clustered_by=("master_category", "article_type"),
    )


EMBEDDINGS = embeddings_table(SHIPPED.taxonomy)
"""All vectors are float32 of unit length. The row hash is made from inputs and provenance, not from the noisy vectors.
It includes `has_photo`, so that a photo that comes back under its old hash is a change and gets its vectors, and
`vector_repairs`, because damage to the vectors alone leaves the hash as it was, and the merge would keep the damage.

An article type belongs to one category, so that sorting by both gives the same layout as a z-order of both."""
