"""The derived columns of `products_with_visual_attributes`, as Polars expressions.

Material is used only with high or medium confidence, pattern at any confidence, and a failed product keeps its
baseline description. What people corrected is used in any case.
"""

import polars as pl

from fashion_assets.enrichment.phrases import dedupe_words, rich_phrase
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.gates.gate import Gate
from fashion_assets.quality.labels.corrections import NO_CORRECTIONS, corrected
from fashion_assets.shop.taxonomy import Confidence, Formality, Material, Sleeves, StyleKeyword
from fashion_assets.storage.conforming import conform

_IS_CORRECTED = pl.col("corrections").is_not_null()
_IS_USABLE = pl.col("extraction_success") | _IS_CORRECTED
_IS_CONFIDENT = pl.col("confidence_material").is_in([Confidence.HIGH.value, Confidence.MEDIUM.value])

HAS_KNOWN_MATERIAL = _IS_USABLE & _IS_CONFIDENT & (pl.col("material") != Material.UNKNOWN.value)

MATERIAL_COVERAGE = Gate(
    name="material_is_described_for_at_least_80_percent",
    why="Below this, most of what enrichment promises to search is missing.",
    applies=pl.lit(True),
    counts=HAS_KNOWN_MATERIAL,
    direction="at_least",
    warn=0.80,
)

_OCCASIONS_OF_FORMALITY = {
    Formality.FORMAL.value: ["office", "business meeting", "formal event"],
    Formality.BUSINESS_CASUAL.value: ["office", "dinner"],
    Formality.CASUAL.value: ["weekend", "everyday"],
    Formality.ATHLETIC.value: ["gym", "training"],
}
_OCCASIONS_OF_STYLE = {
    StyleKeyword.ELEGANT.value: "party",
    StyleKeyword.BOHEMIAN.value: "festival",
    StyleKeyword.STREETWEAR.value: "city",
    StyleKeyword.SPORTY.value: "outdoor",
    StyleKeyword.PROFESSIONAL.value: "business meeting",
}
_WARM_WEATHER_SLEEVES = [Sleeves.SHORT.value, Sleeves.SLEEVELESS.value]


def describe(
    attributes: pl.DataFrame, broken_rules: pl.DataFrame, corrections: pl.DataFrame = NO_CORRECTIONS
) -> pl.DataFrame:
    """Rows in the schema of `products_with_visual_attributes`, one per row of `product_extracted_attributes`.

    `broken_rules` are rows of `consistency_checks` for the same batch, `corrections` of `current_corrections`.
    """
    rules = broken_rules.group_by("product_id").agg(
        broken_rules=pl.col("rule").sort(), breaks_error_rule=(pl.col("severity") == "error").any()
    )
    rows = (
        corrected(attributes, corrections)
        .join(rules, on="product_id", how="left")
        .with_columns(
            broken_rules=pl.coalesce("broken_rules", pl.lit([], dtype=pl.List(pl.String))),
            formality_level=pl.when(_IS_USABLE).then("formality"),
            occasions=_occasions(),
            season_refined=_season_refined(),
            needs_review=~_IS_CORRECTED
            & (
                ~pl.col("extraction_success")
                | (pl.col("confidence_material") == Confidence.LOW.value)
                | pl.col("breaks_error_rule").fill_null(False)
            ),
            use_enriched_text=_IS_CORRECTED | (pl.col("extraction_success") & _IS_CONFIDENT),
            described_material=pl.when(HAS_KNOWN_MATERIAL).then("material"),
        )
        .with_columns(baseline_description())
    )
    rich = dedupe_words(rich_phrase())
    return conform(
        rows.with_columns(rich_text_description=pl.when(_IS_USABLE).then(rich).otherwise("baseline_description")),
        ENRICHED_DESCRIPTIONS,
    )


def baseline_description() -> pl.Expr:
    """Name, colour, usage, season: "Nike Men Tshirt Black Casual Summer"; the article type where a name is missing."""
    name = pl.coalesce("product_display_name", "article_type")
    joined = pl.concat_str(name, "base_color", "usage", "season", separator=" ", ignore_nulls=True)
    return dedupe_words(joined).alias("baseline_description")


def _occasions() -> pl.Expr:
    by_formality = pl.col("formality").replace_strict(
        _OCCASIONS_OF_FORMALITY, default=[], return_dtype=pl.List(pl.String)
    )
    by_style = pl.col("style_keywords").list.eval(
        pl.element().replace_strict(_OCCASIONS_OF_STYLE, default=None, return_dtype=pl.String).drop_nulls()
    )
    both = pl.concat_list(by_formality, by_style).list.unique(maintain_order=True)
    return pl.when(_IS_USABLE).then(both).otherwise(pl.lit([], dtype=pl.List(pl.String)))


def _season_refined() -> pl.Expr:
    """Where the photo contradicts the catalog's season, the photo wins; else the catalog's, which may be missing."""
    is_warm = pl.col("sleeve_length").is_in(_WARM_WEATHER_SLEEVES)
    is_cold = (pl.col("sleeve_length") == Sleeves.LONG.value) & pl.col("material").is_in(
        [Material.KNIT.value, Material.LEATHER.value]
    )
    season = pl.col("season")
    return (
        pl.when(_IS_USABLE & is_warm & (season.is_null() | (season == "Winter")))
        .then(pl.lit("Summer"))
        .when(_IS_USABLE & is_cold & (season.is_null() | (season == "Summer")))
        .then(pl.lit("Winter"))
        .otherwise(season)
    )
