"""The queue of disagreements: worst first, without what was looked at, and again what has changed."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fashion_assets.quality.review.queues import fingerprints, record_review, worst_first
from fashion_assets.quality.review.tables import REVIEWED_PRODUCTS
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import attributes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = pl.DataFrame(schema=REVIEWED_PRODUCTS.row_schema)

WATCH = {"article_type": "Watches", "sub_category": "Watches", "material": "leather", "material_probability": 0.9}
STRIPED = {"product_display_name": "Striped Shirt", "pattern_probability": 0.9}
FAILED = {"extraction_success": False, "extraction_errors": ["photo_missing"]}


def queue(*rows: dict, reviewed: pl.DataFrame = NOBODY) -> list[int]:
    frame = attributes(*rows)
    return worst_first(frame, broken_rules(frame), reviewed).to_list()


def reviewed(*rows: dict, who: str = "the catalog team") -> pl.DataFrame:
    """Reviews of all these products as they are."""
    frame = attributes(*rows)
    seen = fingerprints(frame, broken_rules(frame))
    return seen.with_columns(author=pl.lit(who), at=pl.lit(NOW, REVIEWED_PRODUCTS.schema["at"]))


def test_products_that_break_nothing_are_not_asked_about():
    assert queue({}, {}) == []
    assert queue() == []


def test_error_rules_come_before_many_warnings():
    many = {**STRIPED, "clip_pattern": "striped", "clip_material": "leather"}
    assert queue(many, WATCH) == [1, 0]


def test_what_the_shops_table_states_is_a_warning_among_others():
    stated = {"stated_pattern": "striped", "pattern_probability": 0.5}
    assert queue({}, {**stated, "pattern": "striped"}, STRIPED, stated, WATCH) == [4, 3, 2]


def test_a_failed_extraction_is_as_bad_as_a_broken_error_rule():
    two_findings = {**WATCH, "clip_material": "metal"}
    assert queue({**STRIPED, "clip_pattern": "striped"}, FAILED, two_findings, WATCH) == [2, 1, 3, 0]


def test_more_broken_rules_come_first_among_equals():
    assert queue(STRIPED, {**STRIPED, "clip_pattern": "striped"}) == [1, 0]


def test_then_the_least_sure_then_the_smaller_id():
    unsure = {**STRIPED, "pattern_probability": 0.4}
    unknown = {**STRIPED, "pattern_probability": None}
    assert queue(unknown, STRIPED, unsure, STRIPED) == [2, 1, 3, 0]


def test_only_the_probability_of_a_disputed_value_counts():
    assert queue(STRIPED, {**STRIPED, "pattern_probability": 0.8, "material_probability": 0.1}) == [1, 0]
    assert queue({**STRIPED, "pattern_probability": 0.8}, {**STRIPED, "material_probability": 0.1}) == [0, 1]


def test_every_rule_is_about_attributes():
    columns = {rule.name: rule.columns for rule in consistency_rules(SHIPPED)}
    assert columns["watches_are_metal"] == ("material",)
    assert set(columns["formal_shirts_are_formal_with_a_collar"]) == {"formality", "collar_type"}
    assert all(columns.values())


def test_who_was_reviewed_leaves():
    assert queue(WATCH, STRIPED, reviewed=reviewed(WATCH)) == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"material": "denim"},
        {"photo_sha256": "another photo"},
        {"product_display_name": "Steel Watch"},
        {"clip_pattern": "striped"},
        {"extraction_errors": ["unknown_item:style_and_formality"]},
    ],
)
def test_who_changed_comes_back(change: dict):
    assert queue({**WATCH, **change}, reviewed=reviewed(WATCH)) == [0]


@pytest.mark.parametrize("change", [{"price": 5.0}, {"material_probability": 0.1}, {"model_id": "another"}])
def test_what_shows_nothing_new_brings_nobody_back(change: dict):
    assert queue({**WATCH, **change}, reviewed=reviewed(WATCH)) == []


def test_a_new_finding_brings_a_product_back():
    frame = attributes(WATCH)
    new = broken_rules(frame).with_columns(rule=pl.lit("a_rule_of_tomorrow"))
    found = worst_first(frame, pl.concat([broken_rules(frame), new]), reviewed(WATCH))
    assert found.to_list() == [0]


def test_the_last_word_on_a_review_counts(store):
    seen = reviewed(WATCH)["fingerprint"][0]
    for hours, fingerprint in enumerate([seen, None, seen]):
        record_review(store, 0, fingerprint, "the catalog team", NOW + timedelta(hours=hours))
        expected = [] if fingerprint else [0]
        assert queue(WATCH, reviewed=store.read(REVIEWED_PRODUCTS)) == expected
