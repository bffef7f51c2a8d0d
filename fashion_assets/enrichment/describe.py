"""The derived columns of `products_with_visual_attributes`, as Polars expressions.

Material is used only with high or medium confidence, pattern with any confidence, and a failed product keeps its
baseline description. Corrections are always used.
"""

import polars as pl

from fashion_assets.enrichment.given import NOTHING_GIVEN, with_given
from fashion_assets.enrichment.phrases import dedupe_words, rich_phrase
from fashion_assets.enrichment.tables import descriptions_table
from fashion_assets.gates.gate import ShareGate
from fashion_assets.quality.labels.corrections import NO_CORRECTIONS, corrected
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.shop.given import given_values
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Attribute, Taxonomy
from fashion_assets.storage.conforming import conform

_IS_CORRECTED = pl.col("corrections").is_not_null()
_IS_USABLE = pl.col("extraction_success") | _IS_CORRECTED


def _is_confident(taxonomy: Taxonomy) -> pl.Expr:
    return pl.col("confidence_material").is_in(taxonomy["confidence"].sure_values)


def has_known_material(taxonomy: Taxonomy) -> pl.Expr:
    """Boolean expression: is there a material that descriptions may use?"""
    is_known = pl.col("material") != taxonomy["material"].cannot_tell
    return _IS_USABLE & _is_confident(taxonomy) & is_known


def material_coverage(profile: ShopProfile) -> ShareGate:
    """The gate of the descriptions."""
    bounds = profile.limits.gates.described_material
    return ShareGate(
        name="material_is_described_for_at_least_80_percent",
        why="Below this, search lacks most of what the enrichment is for.",
        applies=pl.lit(True),
        counts=has_known_material(profile.taxonomy),
        direction="at_least",
        error=bounds.error,
        warn=bounds.warn,
    )


MATERIAL_COVERAGE = material_coverage(SHIPPED)
"""That of the profile that ships: Dagster wants the check's name and description at import, before there is a shop."""


def describe(
    attributes: pl.DataFrame,
    broken_rules: pl.DataFrame,
    corrections: pl.DataFrame = NO_CORRECTIONS,
    shop: ShopProfile = SHIPPED,
    given: pl.DataFrame = NOTHING_GIVEN,
) -> pl.DataFrame:
    """Rows in the schema of `products_with_visual_attributes`, one per row of `product_extracted_attributes`.

    `broken_rules` are the batch's rows of `consistency_checks`, `corrections` those of `current_corrections`, `given`
    what the shop's table states (product_id, given). Corrections take precedence over that, and that over the model;
    a broken rule about stated values only needs no review, because the model's are not used.
    """
    taxonomy, language = shop.taxonomy, shop.language
    unsure = [value.name for value in taxonomy["confidence"].vocabulary if not value.is_sure]
    stated = given_values(given, attributes, shop)
    rules = broken_rules.group_by("product_id").agg(broken_rules=pl.col("rule").sort())
    rows = (
        corrected(with_given(attributes, given, stated, taxonomy), corrections, taxonomy)
        .join(rules, on="product_id", how="left")
        .with_columns(
            broken_rules=pl.coalesce("broken_rules", pl.lit([], dtype=pl.List(pl.String))),
            formality_level=pl.when(_IS_USABLE).then("formality"),
            occasions=_occasions(taxonomy),
            season_refined=_season_refined(taxonomy),
            needs_review=~_IS_CORRECTED
            & (
                ~pl.col("extraction_success")
                | pl.col("confidence_material").is_in(unsure)
                | pl.col("product_id").is_in(_breaking_error_rules(broken_rules, stated, shop))
            ),
            use_enriched_text=_IS_CORRECTED | (pl.col("extraction_success") & _is_confident(taxonomy)),
            described_material=pl.when(has_known_material(taxonomy)).then("material"),
        )
        .with_columns(baseline_description(language))
    )
    rich = dedupe_words(rich_phrase(taxonomy, language), language)
    return conform(
        rows.with_columns(
            rich_text_description=pl.when(_IS_USABLE).then(rich).otherwise("baseline_description"),
            language=pl.lit(shop.language_version, pl.String),
        ),
        descriptions_table(taxonomy),
    )


def baseline_description(language: Language = SHIPPED.language) -> pl.Expr:
    """Name, colour, usage, season: "Nike Men Tshirt Black Casual Summer"; the article type where a name is missing."""
    name = pl.coalesce("product_display_name", "article_type")
    joined = pl.concat_str(name, "base_color", "usage", "season", separator=" ", ignore_nulls=True)
    return dedupe_words(joined, language).alias("baseline_description")


def _breaking_error_rules(broken_rules: pl.DataFrame, stated: pl.DataFrame, shop: ShopProfile) -> list[int]:
    """The ids of products that break a rule of severity error about a value that the shop does not state itself."""
    checked = [(rule.name, column) for rule in consistency_rules(shop) for column in rule.columns]
    columns = pl.DataFrame(checked, schema={"rule": pl.String, "field": pl.String}, orient="row")
    return (
        broken_rules.filter(severity="error")
        .join(columns, on="rule", how="left")
        .join(stated, on=["product_id", "field"], how="anti")["product_id"]
        .unique()
        .to_list()
    )


def _occasions(taxonomy: Taxonomy) -> pl.Expr:
    both = pl.concat_list(_occasions_of(taxonomy["formality"]), _occasions_of(taxonomy["style_keywords"]))
    return (
        pl.when(_IS_USABLE).then(both.list.unique(maintain_order=True)).otherwise(pl.lit([], dtype=pl.List(pl.String)))
    )


def _occasions_of(attribute: Attribute) -> pl.Expr:
    of_value = {value.name: list(value.occasions) for value in attribute.vocabulary if value.occasions}
    value = pl.element() if attribute.is_list else pl.col(attribute.column)
    occasions = value.replace_strict(of_value, default=[], return_dtype=pl.List(pl.String))
    return pl.col(attribute.column).list.eval(occasions.explode().drop_nulls()) if attribute.is_list else occasions


def _season_refined(taxonomy: Taxonomy) -> pl.Expr:
    """The season that the photo implies if it contradicts the catalog's; else the catalog's, which may be missing."""
    sleeves, material = taxonomy["sleeves"], taxonomy["material"]
    is_warm = pl.col("sleeve_length").is_in([sleeves.value(name).name for name in ("short sleeve", "sleeveless")])
    is_cold = (pl.col("sleeve_length") == sleeves.value("long sleeve").name) & pl.col("material").is_in(
        [material.value(name).name for name in ("knit fabric", "leather")]
    )
    season = pl.col("season")
    return (
        pl.when(_IS_USABLE & is_warm & (season.is_null() | (season == "Winter")))
        .then(pl.lit("Summer"))
        .when(_IS_USABLE & is_cold & (season.is_null() | (season == "Summer")))
        .then(pl.lit("Winter"))
        .otherwise(season)
    )
