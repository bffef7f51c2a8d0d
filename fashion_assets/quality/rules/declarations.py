"""The rules, each declared once: from here come the row-level `consistency_checks` table, the asset checks and the
README's table. Thresholds are those of the specification, section 3."""

import polars as pl

from fashion_assets.extraction.answers import OUT_OF_VOCABULARY, UNPARSEABLE
from fashion_assets.gates.gate import Gate
from fashion_assets.quality.rules.dominance import DominanceGate
from fashion_assets.quality.rules.rule import SUCCEEDED, Rule
from fashion_assets.quality.rules.second_opinions import SECOND_OPINIONS
from fashion_assets.shop.taxonomy import Collar, Confidence, Formality, Material, Pattern, Sleeves
from fashion_assets.storage.hashing import hash_text

SHARE_GATES = (
    Gate(
        name="extraction_success_is_at_least_85_percent",
        why="Every question asked was answered within the vocabulary; below this, the set-up or the photos are broken.",
        applies=pl.lit(True),
        counts=SUCCEEDED,
        direction="at_least",
        error=0.85,
        warn=0.90,
    ),
    Gate(
        name="material_unknown_is_at_most_30_percent",
        why="A model that often says unknown adds little to the descriptions.",
        applies=SUCCEEDED,
        counts=pl.col("material") == Material.UNKNOWN.value,
        direction="at_most",
        error=0.30,
        warn=0.15,
    ),
    Gate(
        name="confidence_is_high_or_medium_for_at_least_70_percent",
        why="Only materials of high or medium confidence are used in descriptions.",
        applies=SUCCEEDED,
        counts=pl.col("confidence_material").is_in([Confidence.HIGH.value, Confidence.MEDIUM.value]),
        direction="at_least",
        error=0.70,
        warn=0.75,
    ),
    Gate(
        name="confidence_is_low_for_at_most_30_percent",
        why="Much low confidence means photos or prompts that do not suit the model.",
        applies=SUCCEEDED,
        counts=pl.col("confidence_material") == Confidence.LOW.value,
        direction="at_most",
        warn=0.30,
    ),
    Gate(
        name="pattern_is_unclear_for_at_most_20_percent",
        why="Nearly every product has a pattern that can be named, solid color among them.",
        applies=SUCCEEDED,
        counts=pl.col("pattern") == Pattern.NO_CLEAR.value,
        direction="at_most",
        warn=0.20,
    ),
    Gate(
        name="invalid_answers_are_at_most_10_percent",
        why="Answers that are no JSON or leave the vocabulary point at the prompt or the decoding.",
        applies=pl.lit(True),
        counts=pl.col("extraction_errors")
        .list.eval(pl.element().str.contains(f"^({UNPARSEABLE}|{OUT_OF_VOCABULARY})"))
        .list.any(),
        direction="at_most",
        warn=0.10,
    ),
)

DOMINANCE_GATES = (
    DominanceGate(
        name="no_material_dominates_the_article_types",
        why="A model that calls everything the same material answers from habit, not from the photo.",
        applies=SUCCEEDED,
        counts=pl.col("material").is_not_null(),
        direction="at_most",
        warn=0.60,
        column="material",
    ),
    DominanceGate(
        name="no_formality_dominates_the_article_types",
        why="Most of a shop is casual, but not nine tenths of it in every article type.",
        applies=SUCCEEDED,
        counts=pl.col("formality").is_not_null(),
        direction="at_most",
        warn=0.90,
        column="formality",
    ),
)

RULES: tuple[Rule, ...] = (
    Rule(
        name="watches_are_metal",
        why="Most watches are metal; a model that does not see that does not see materials.",
        applies=SUCCEEDED & (pl.col("article_type") == "Watches"),
        counts=pl.col("material") == Material.METAL.value,
        direction="at_least",
        error=0.70,
        warn=0.90,
        expected=pl.lit("material metal"),
        found=pl.col("material"),
    ),
    Rule(
        name="tshirts_are_knit_fabric",
        why="T-shirts are jersey; a model that does not see that does not see fabrics.",
        applies=SUCCEEDED & (pl.col("article_type") == "Tshirts"),
        counts=pl.col("material") == Material.KNIT.value,
        direction="at_least",
        error=0.65,
        warn=0.85,
        expected=pl.lit("material knit fabric"),
        found=pl.col("material"),
    ),
    Rule(
        name="formal_shirts_are_formal_with_a_collar",
        why="A shirt sold for formal use looks formal or business casual and has a collar.",
        applies=SUCCEEDED & (pl.col("article_type") == "Shirts") & (pl.col("usage") == "Formal"),
        counts=pl.col("formality").is_in([Formality.FORMAL.value, Formality.BUSINESS_CASUAL.value])
        & (pl.col("collar_type") == Collar.COLLAR.value),
        direction="at_least",
        warn=0.85,
        expected=pl.lit("formality formal or business casual, collar"),
        found=pl.concat_str("formality", "collar_type", separator=", ", ignore_nulls=True),
    ),
    Rule(
        name="sports_products_are_athletic",
        why="What is sold for sports looks athletic.",
        applies=SUCCEEDED & (pl.col("usage") == "Sports"),
        counts=pl.col("formality") == Formality.ATHLETIC.value,
        direction="at_least",
        warn=0.70,
        expected=pl.lit("formality athletic"),
        found=pl.col("formality"),
    ),
    Rule(
        name="summer_tops_have_short_or_no_sleeves",
        why="Most summer tops are short-sleeved or sleeveless.",
        applies=SUCCEEDED & (pl.col("season") == "Summer") & (pl.col("sub_category") == "Topwear"),
        counts=pl.col("sleeve_length").is_in([Sleeves.SHORT.value, Sleeves.SLEEVELESS.value]),
        direction="at_least",
        warn=0.60,
        expected=pl.lit("sleeves short or sleeveless"),
        found=pl.col("sleeve_length"),
    ),
    *SECOND_OPINIONS,
)

EXTRACTION_GATES: tuple[Gate, ...] = (*SHARE_GATES, *DOMINANCE_GATES, *RULES)


def rules_version() -> str:
    """Hash of all declarations: a verdict given under other rules does not count."""
    texts = (f"{g.name}|{g.applies}|{g.counts}|{g.direction}|{g.error}|{g.warn}" for g in EXTRACTION_GATES)
    return hash_text("\n".join(texts))[:12]
