"""The declared gates: thresholds of the specification, and that each of them can fail."""

from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.gates.gate import judge_all
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import (
    consistency_rules,
    dominance_gates,
    extraction_gates,
    rules_version,
)
from fashion_assets.quality.rules.rule import Rule
from fashion_assets.shop.limits import Bounds
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets_tests.factories import attributes

GATES = {gate.name: gate for gate in extraction_gates(SHIPPED)}

THRESHOLDS = {
    "extraction_success_is_at_least_85_percent": (0.85, 0.90),
    "material_unknown_is_at_most_30_percent": (0.30, 0.15),
    "confidence_is_high_or_medium_for_at_least_70_percent": (0.70, 0.75),
    "confidence_is_low_for_at_most_30_percent": (None, 0.30),
    "pattern_is_unclear_for_at_most_20_percent": (None, 0.20),
    "invalid_answers_are_at_most_10_percent": (None, 0.10),
    "watches_are_metal": (0.70, 0.90),
    "tshirts_are_knit_fabric": (0.65, 0.85),
    "formal_shirts_are_formal_with_a_collar": (None, 0.85),
    "sports_products_are_athletic": (None, 0.70),
    "summer_tops_have_short_or_no_sleeves": (None, 0.60),
    "no_material_dominates_the_article_types": (None, 0.60),
    "no_formality_dominates_the_article_types": (None, 0.90),
    "material_agrees_with_clip": (None, 0.60),
    "pattern_agrees_with_clip": (None, 0.60),
    "material_agrees_with_words_in_the_name": (None, 0.75),
    "pattern_agrees_with_words_in_the_name": (None, 0.75),
    "collar_type_agrees_with_words_in_the_name": (None, 0.75),
    "sleeve_length_agrees_with_words_in_the_name": (None, 0.75),
    "fit_type_agrees_with_words_in_the_name": (None, 0.75),
    "material_agrees_with_the_shops_table": (None, 0.75),
    "pattern_agrees_with_the_shops_table": (None, 0.75),
    "formality_agrees_with_the_shops_table": (None, 0.75),
    "collar_type_agrees_with_the_shops_table": (None, 0.75),
    "sleeve_length_agrees_with_the_shops_table": (None, 0.75),
    "fit_type_agrees_with_the_shops_table": (None, 0.75),
}

WATCH = {"article_type": "Watches", "material": "metal"}
TSHIRT = {"article_type": "Tshirts", "material": "knit fabric"}
FORMAL_SHIRT = {"article_type": "Shirts", "usage": "Formal", "formality": "formal", "collar_type": "collar"}
SPORTS = {"usage": "Sports", "formality": "athletic"}
SUMMER_TOP = {"season": "Summer", "sleeve_length": "sleeveless"}
LINEN_V_NECK = {
    "product_display_name": "Brand Men Slim Striped Linen V-Neck Long Sleeves Shirt",
    "material": "woven fabric",
    "pattern": "striped",
    "collar_type": "v-neck",
    "sleeve_length": "long sleeve",
    "fit_type": "fitted",
}
FAILED = {"extraction_success": False, "extraction_errors": ["value_out_of_vocabulary:pattern='x'"]}

GOOD_AND_BAD = {
    "extraction_success_is_at_least_85_percent": ({}, FAILED),
    "material_unknown_is_at_most_30_percent": ({}, {"material": "unknown"}),
    "confidence_is_high_or_medium_for_at_least_70_percent": (
        {"confidence_material": "medium"},
        {"confidence_material": "low"},
    ),
    "confidence_is_low_for_at_most_30_percent": ({}, {"confidence_material": "low"}),
    "pattern_is_unclear_for_at_most_20_percent": ({}, {"pattern": "no clear pattern"}),
    "invalid_answers_are_at_most_10_percent": ({"extraction_errors": ["photo_missing"]}, FAILED),
    "watches_are_metal": (WATCH, {**WATCH, "material": "leather"}),
    "tshirts_are_knit_fabric": (TSHIRT, {**TSHIRT, "material": "denim"}),
    "formal_shirts_are_formal_with_a_collar": (FORMAL_SHIRT, {**FORMAL_SHIRT, "collar_type": "no collar"}),
    "sports_products_are_athletic": (SPORTS, {**SPORTS, "formality": "casual"}),
    "summer_tops_have_short_or_no_sleeves": (SUMMER_TOP, {**SUMMER_TOP, "sleeve_length": "long sleeve"}),
    "material_agrees_with_clip": ({"clip_material": "woven fabric"}, {"clip_material": "denim"}),
    "pattern_agrees_with_clip": ({"clip_pattern": "solid color"}, {"clip_pattern": "striped"}),
    "material_agrees_with_words_in_the_name": (LINEN_V_NECK, {**LINEN_V_NECK, "material": "leather"}),
    "pattern_agrees_with_words_in_the_name": (LINEN_V_NECK, {**LINEN_V_NECK, "pattern": "solid color"}),
    "collar_type_agrees_with_words_in_the_name": (LINEN_V_NECK, {**LINEN_V_NECK, "collar_type": "crew neck"}),
    "sleeve_length_agrees_with_words_in_the_name": (LINEN_V_NECK, {**LINEN_V_NECK, "sleeve_length": "sleeveless"}),
    "fit_type_agrees_with_words_in_the_name": (LINEN_V_NECK, {**LINEN_V_NECK, "fit_type": "loose"}),
    "material_agrees_with_the_shops_table": (
        {"stated_material": "woven fabric"},
        {"stated_material": "woven fabric", "material": "unknown"},
    ),
    "pattern_agrees_with_the_shops_table": ({"stated_pattern": "solid color"}, {"stated_pattern": "striped"}),
    "formality_agrees_with_the_shops_table": ({"stated_formality": "casual"}, {"stated_formality": "formal"}),
    "collar_type_agrees_with_the_shops_table": ({"stated_collar_type": "collar"}, {"stated_collar_type": "hooded"}),
    "sleeve_length_agrees_with_the_shops_table": (
        {"stated_sleeve_length": "short sleeve"},
        {"stated_sleeve_length": "sleeveless"},
    ),
    "fit_type_agrees_with_the_shops_table": ({"stated_fit_type": "regular"}, {"stated_fit_type": "loose"}),
}
"""For every gate but those in `test_dominance.py`, which judge many article types at once."""


def test_every_gate_is_tested():
    assert set(GATES) == set(THRESHOLDS) == set(GOOD_AND_BAD) | {gate.name for gate in dominance_gates(SHIPPED)}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_thresholds(name):
    assert (GATES[name].error, GATES[name].warn) == THRESHOLDS[name]


@pytest.mark.parametrize("name", GOOD_AND_BAD)
def test_each_gate_passes_on_good_rows_and_not_on_bad_ones(name):
    good, bad = GOOD_AND_BAD[name]
    assert GATES[name].judge(attributes(*[good] * 25)).outcome == "passed"
    judgement = GATES[name].judge(attributes(*[bad] * 25))
    assert judgement.outcome == ("failed" if GATES[name].is_blocking else "warned")
    assert judgement.sample_ids[:2] == (0, 1)


@pytest.mark.parametrize("name", GOOD_AND_BAD)
def test_exactly_on_the_threshold_passes_it(name):
    gate = GATES[name]
    good, bad = GOOD_AND_BAD[name]
    if gate.error is not None:
        share = round(gate.error * 100)
        rows = (
            attributes(*([good] * share + [bad] * (100 - share)))
            if gate.direction == "at_least"
            else attributes(*([bad] * share + [good] * (100 - share)))
        )
        assert gate.judge(rows).outcome == "warned"
    share = round(gate.warn * 100)
    counted, other = (good, bad) if gate.direction == "at_least" else (bad, good)
    assert gate.judge(attributes(*([counted] * share + [other] * (100 - share)))).outcome == "passed"


def test_an_empty_batch_passes_every_gate():
    assert {j.outcome for j in judge_all(extraction_gates(SHIPPED), attributes({}).clear())} == {"passed"}


def test_rules_judge_only_successful_rows():
    failed_watches = attributes(*[{**WATCH, "material": "leather", "extraction_success": False}] * 25)
    assert GATES["watches_are_metal"].judge(failed_watches).applicable == 0


def test_broken_rules_are_rows():
    rows = broken_rules(attributes({**WATCH, "material": "leather"}, WATCH, {**SPORTS, "formality": "formal"}))
    assert rows.select("product_id", "rule", "expected", "found", "severity").rows() == [
        (0, "watches_are_metal", "material metal", "leather", "error"),
        (2, "sports_products_are_athletic", "formality athletic", "formal", "warn"),
    ]


def test_adding_a_rule_is_one_declaration():
    rule = Rule(
        name="bags_have_no_sleeves",
        why="Bags have none.",
        applies=pl.col("article_type") == "Handbags",
        counts=pl.col("sleeve_length").is_null(),
        direction="at_least",
        warn=0.9,
        expected=pl.lit("no sleeves"),
        found=pl.col("sleeve_length"),
    )
    rows = broken_rules(attributes({"article_type": "Handbags"}), (*consistency_rules(SHIPPED), rule))
    assert rows["rule"].to_list() == ["bags_have_no_sleeves"]


def test_rules_that_were_added_later_leave_the_version_of_homes_made_before():
    later = [gate for gate in extraction_gates(SHIPPED) if gate.added_later]
    assert [gate.name for gate in later] == [name for name in GATES if name.endswith("_the_shops_table")]
    stricter = replace(SHIPPED.limits.rules, agrees_with_the_shops_table=Bounds(warn=0.9))
    changed = replace(SHIPPED, limits=replace(SHIPPED.limits, rules=stricter))
    assert rules_version(changed) != rules_version()


def test_the_rules_version_follows_the_limits():
    lower = replace(SHIPPED.limits, gates=replace(SHIPPED.limits.gates, extraction_success=Bounds(error=0.5)))
    assert rules_version(replace(SHIPPED, limits=lower)) != rules_version()
    assert rules_version(ShopProfile()) == rules_version()
