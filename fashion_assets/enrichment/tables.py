"""The table of the enrichment: source columns, visual attributes and both descriptions."""

from functools import lru_cache

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMNS
from fashion_assets.extraction.tables import RETRY_COLUMNS, attribute_columns
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.table import UTC_TIME, AssetTable, Column, table_of_asset

WORDED_COLUMNS = (
    Column(
        "language",
        pl.String,
        "Language of the descriptions, with the hash of its words; null for English.",
        added_later=True,
    ),
    Column("given", pl.String, "Attributes that the shop states, as a JSON object.", added_later=True),
)
"""What descriptions are made of besides the catalog, the model's answers and corrections."""


@lru_cache
def descriptions_table(taxonomy: Taxonomy) -> AssetTable:
    """`products_with_visual_attributes` with the columns of a shop's attributes."""
    return table_of_asset(
        "enriched_descriptions",
        name="products_with_visual_attributes",
        columns=(
            *SOURCE_COLUMNS,
            *PHOTO_FACTS,
            *attribute_columns(taxonomy),
            Column("formality_level", pl.String, "Formality of a successful extraction; null otherwise."),
            Column("extraction_success", pl.Boolean, "Whether the extraction succeeded."),
            Column("extraction_errors", pl.List(pl.String), "Why it failed."),
            Column("extraction_timestamp", UTC_TIME, "When the answers were given.", is_hashed=False),
            Column("model_id", pl.String, "The model that answered."),
            Column("prompt_version", pl.String, "The prompt set."),
            *RETRY_COLUMNS,
            Column("corrections", pl.String, "People's corrections, as `field=value; ...`; null if there are none."),
            Column("broken_rules", pl.List(pl.String), "Consistency rules that the product breaks."),
            Column("occasions", pl.List(pl.String), "Where one would wear it, from formality and style."),
            Column("season_refined", pl.String, "The catalog's season, corrected by sleeves and material."),
            Column(
                "needs_review",
                pl.Boolean,
                "True if the extraction failed, is unsure, or breaks an error rule about what the shop does not state, "
                "and nobody has corrected it.",
            ),
            Column(
                "use_enriched_text", pl.Boolean, "Whether the rich description is embedded instead of the baseline."
            ),
            Column("baseline_description", pl.String, "Name, colour, usage and season, from the catalog only."),
            Column("rich_text_description", pl.String, "What the product looks like, most telling words first."),
            *WORDED_COLUMNS,
        ),
    )


ENRICHED_DESCRIPTIONS = descriptions_table(SHIPPED.taxonomy)
