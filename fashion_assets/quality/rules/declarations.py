"""Gates and rules, each declared once: the table `consistency_checks`, the asset checks and the table in
docs/gates.md are made from them. They are functions of the shop's profile, which has the values and thresholds."""

from functools import lru_cache

import polars as pl

from fashion_assets.extraction.answers import OUT_OF_VOCABULARY, UNPARSEABLE
from fashion_assets.gates.gate import Gate, ShareGate
from fashion_assets.quality.rules.dominance import DominanceGate
from fashion_assets.quality.rules.rule import SUCCEEDED, Rule
from fashion_assets.quality.rules.second_opinions import second_opinion_rules
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.storage.hashing import hash_text


def share_gates(profile: ShopProfile) -> tuple[ShareGate, ...]:
    """Shares of all answers, whatever the product."""
    taxonomy, limits = profile.taxonomy, profile.limits.gates
    return (
        ShareGate(
            name="extraction_success_is_at_least_85_percent",
            why="Every question asked was answered within the vocabulary; below this, the set-up or the photos are "
            "broken.",
            applies=pl.lit(True),
            counts=SUCCEEDED,
            direction="at_least",
            error=limits.extraction_success.error,
            warn=limits.extraction_success.warn,
        ),
        ShareGate(
            name="material_unknown_is_at_most_30_percent",
            why="A model that often says unknown adds little to the descriptions.",
            applies=SUCCEEDED,
            counts=pl.col("material") == taxonomy["material"].cannot_tell,
            direction="at_most",
            error=limits.material_unknown.error,
            warn=limits.material_unknown.warn,
        ),
        ShareGate(
            name="confidence_is_high_or_medium_for_at_least_70_percent",
            why="Only materials of high or medium confidence are used in descriptions.",
            applies=SUCCEEDED,
            counts=pl.col("confidence_material").is_in(taxonomy["confidence"].sure_values),
            direction="at_least",
            error=limits.sure_confidence.error,
            warn=limits.sure_confidence.warn,
        ),
        ShareGate(
            name="confidence_is_low_for_at_most_30_percent",
            why="Much low confidence means photos or prompts that do not suit the model.",
            applies=SUCCEEDED,
            counts=pl.col("confidence_material") == taxonomy["confidence"].value("low").name,
            direction="at_most",
            error=limits.low_confidence.error,
            warn=limits.low_confidence.warn,
        ),
        ShareGate(
            name="pattern_is_unclear_for_at_most_20_percent",
            why="Nearly every product has a pattern that can be named, solid color among them.",
            applies=SUCCEEDED,
            counts=pl.col("pattern") == taxonomy["pattern"].cannot_tell,
            direction="at_most",
            error=limits.unclear_pattern.error,
            warn=limits.unclear_pattern.warn,
        ),
        ShareGate(
            name="invalid_answers_are_at_most_10_percent",
            why="Answers that are no JSON or leave the vocabulary point at the prompt or the decoding.",
            applies=pl.lit(True),
            counts=pl.col("extraction_errors")
            .list.eval(pl.element().str.contains(f"^({UNPARSEABLE}|{OUT_OF_VOCABULARY})"))
            .list.any(),
            direction="at_most",
            error=limits.invalid_answers.error,
            warn=limits.invalid_answers.warn,
        ),
    )


def dominance_gates(profile: ShopProfile) -> tuple[DominanceGate, ...]:
    """Gates against a model that gives one answer about everything."""
    limits = profile.limits.gates
    return (
        DominanceGate(
            name="no_material_dominates_the_article_types",
            why="A model that calls everything the same material answers from habit, not from the photo.",
            applies=SUCCEEDED,
            direction="at_most",
            error=limits.dominant_material.error,
            warn=limits.dominant_material.warn,
            column="material",
            fewest_rows=limits.fewest_rows_of_a_type,
            fewest_types=limits.fewest_types,
        ),
        DominanceGate(
            name="no_formality_dominates_the_article_types",
            why="Most of a shop is casual, but not nine tenths of it in every article type.",
            applies=SUCCEEDED,
            direction="at_most",
            error=limits.dominant_formality.error,
            warn=limits.dominant_formality.warn,
            column="formality",
            fewest_rows=limits.fewest_rows_of_a_type,
            fewest_types=limits.fewest_types,
        ),
    )


@lru_cache
def consistency_rules(profile: ShopProfile) -> tuple[Rule, ...]:
    """What single products must agree with: their category in the catalog, CLIP, their name, and the shop's table."""
    taxonomy, limits = profile.taxonomy, profile.limits.rules
    material, formality = taxonomy["material"], taxonomy["formality"]
    collar, sleeves = taxonomy["collar"], taxonomy["sleeves"]
    return (
        Rule(
            name="watches_are_metal",
            why="Most watches are metal; a model that does not see that does not see materials.",
            applies=SUCCEEDED & (pl.col("article_type") == "Watches"),
            counts=pl.col("material") == material.value("metal").name,
            direction="at_least",
            error=limits.watches_are_metal.error,
            warn=limits.watches_are_metal.warn,
            expected=pl.lit("material metal"),
            found=pl.col("material"),
        ),
        Rule(
            name="tshirts_are_knit_fabric",
            why="T-shirts are jersey; a model that does not see that does not see fabrics.",
            applies=SUCCEEDED & (pl.col("article_type") == "Tshirts"),
            counts=pl.col("material") == material.value("knit fabric").name,
            direction="at_least",
            error=limits.tshirts_are_knit_fabric.error,
            warn=limits.tshirts_are_knit_fabric.warn,
            expected=pl.lit("material knit fabric"),
            found=pl.col("material"),
        ),
        Rule(
            name="formal_shirts_are_formal_with_a_collar",
            why="A shirt sold for formal use looks formal or business casual and has a collar.",
            applies=SUCCEEDED & (pl.col("article_type") == "Shirts") & (pl.col("usage") == "Formal"),
            counts=pl.col("formality").is_in([formality.value(name).name for name in ("formal", "business casual")])
            & (pl.col("collar_type") == collar.value("collar").name),
            direction="at_least",
            error=limits.formal_shirts.error,
            warn=limits.formal_shirts.warn,
            expected=pl.lit("formality formal or business casual, collar"),
            found=pl.concat_str("formality", "collar_type", separator=", ", ignore_nulls=True),
        ),
        Rule(
            name="sports_products_are_athletic",
            why="What is sold for sports looks athletic.",
            applies=SUCCEEDED & (pl.col("usage") == "Sports"),
            counts=pl.col("formality") == formality.value("athletic").name,
            direction="at_least",
            error=limits.sports_products.error,
            warn=limits.sports_products.warn,
            expected=pl.lit("formality athletic"),
            found=pl.col("formality"),
        ),
        Rule(
            name="summer_tops_have_short_or_no_sleeves",
            why="Most summer tops are short-sleeved or sleeveless.",
            applies=SUCCEEDED & (pl.col("season") == "Summer") & (pl.col("sub_category") == "Topwear"),
            counts=pl.col("sleeve_length").is_in([sleeves.value(name).name for name in ("short sleeve", "sleeveless")]),
            direction="at_least",
            error=limits.summer_tops.error,
            warn=limits.summer_tops.warn,
            expected=pl.lit("sleeves short or sleeveless"),
            found=pl.col("sleeve_length"),
        ),
        *second_opinion_rules(profile),
    )


@lru_cache
def extraction_gates(profile: ShopProfile) -> tuple[Gate, ...]:
    """All gates of a batch, in the order of the reports."""
    return (*share_gates(profile), *dominance_gates(profile), *consistency_rules(profile))


@lru_cache
def rules_version(profile: ShopProfile = SHIPPED) -> str:
    """Hash of all declarations: a verdict given under other rules does not count.

    Gates that were added later count only with other limits or values than those that ship: the rows that they judge
    have other fingerprints than before, and verdicts on all others stay valid.
    """
    shipped = {_declaration(gate) for gate in extraction_gates(SHIPPED) if gate.added_later}
    declared = [_declaration(gate) for gate in extraction_gates(profile)]
    return hash_text("\n".join(text for text in declared if text not in shipped))[:12]


def _declaration(gate: Gate) -> str:
    return f"{gate.name}|{gate.selection}|{gate.direction}|{gate.error}|{gate.warn}"
