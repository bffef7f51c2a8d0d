"""The enrichment slice's table: source columns, visual attributes and both descriptions."""

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMNS
from fashion_assets.extraction.tables import ATTRIBUTE_COLUMNS, RETRY_COLUMNS
from fashion_assets.storage.table import UTC_TIME, Column, table_of_asset

ENRICHED_DESCRIPTIONS = table_of_asset(
    "enriched_descriptions",
    name="products_with_visual_attributes",
    columns=(
        *SOURCE_COLUMNS,
        *PHOTO_FACTS,
        *ATTRIBUTE_COLUMNS,
        Column("formality_level", pl.String, "Formality of a successful extraction; null otherwise."),
        Column("extraction_success", pl.Boolean, "Whether the extraction succeeded."),
        Column("extraction_errors", pl.List(pl.String), "Why it did not."),
        Column("extraction_timestamp", UTC_TIME, "When the answers were given.", is_hashed=False),
        Column("model_id", pl.String, "The model that saw the photo."),
        Column("prompt_version", pl.String, "The prompts that asked."),
        *RETRY_COLUMNS,
        Column("corrections", pl.String, "What people corrected, as `field=value; ...`; null for nothing."),
        Column("broken_rules", pl.List(pl.String), "Consistency rules that the product breaks."),
        Column("occasions", pl.List(pl.String), "Where one would wear it, from formality and style."),
        Column("season_refined", pl.String, "The catalog's season, corrected by sleeves and material."),
        Column(
            "needs_review",
            pl.Boolean,
            "True when the extraction failed, is unsure, or breaks an error rule, and nobody corrected it.",
        ),
        Column("use_enriched_text", pl.Boolean, "Whether the rich description is embedded, or the baseline."),
        Column("baseline_description", pl.String, "Name, colour, usage and season: what the catalog alone says."),
        Column("rich_text_description", pl.String, "What the product looks like, most telling words first."),
    ),
)
