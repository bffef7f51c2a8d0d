"""What the words of a name say, and where two witnesses disagree."""

import polars as pl
import pytest

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.name_words import agrees_with_name, is_named, name_words, values_in_name
from fashion_assets.quality.rules.second_opinions import second_opinion_rules
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import attributes

NAME_WORDS = name_words(SHIPPED.taxonomy)
RULES = {rule.name: rule for rule in second_opinion_rules(SHIPPED)}


@pytest.mark.parametrize(
    "name, column, admitted",
    [
        ("Arvento Men Striped Shirt", "pattern", "striped"),
        ("Brand Women Stripes Top", "pattern", "striped"),
        ("Brand Men CHECK Shirt", "pattern", "checkered"),
        ("Brand Women Polka Dots Dress", "pattern", "polka dots"),
        ("Brand Men Leather Belt", "material", "leather"),
        ("Brand Men Jeans", "material", "denim"),
        ("Brand Kids Cotton Tshirt", "material", "knit fabric or woven fabric"),
        ("Titan Women Steel Watch", "material", "metal"),
        ("Brand Women V neck Sweater", "collar_type", "v-neck"),
        ("Brand Men Round-Neck Tee", "collar_type", "crew neck"),
        ("Brand Girls Sleeveless Kurta", "sleeve_length", "sleeveless"),
        ("Brand Men Full Sleeves Shirt", "sleeve_length", "long sleeve"),
        ("Brand Men Half Sleeve Shirt", "sleeve_length", "short sleeve"),
        ("Brand Men Slim Fit Shirt", "fit_type", "fitted"),
        ("Checkmate Men Shirt", "pattern", None),  # only whole words
        ("U.S. Polo Men Jersey", "collar_type", None),
        (None, "material", None),
    ],
)
def test_words_of_a_name(name: str | None, column: str, admitted: str | None):
    rows = pl.DataFrame({"product_display_name": [name]}, schema={"product_display_name": pl.String})
    words = NAME_WORDS[column]
    found = rows.select(is_named=is_named(words), values=values_in_name(words)).row(0, named=True)
    assert found["is_named"] == (admitted is not None)
    assert (found["values"] or None) == admitted


def test_all_words_of_a_name_must_admit_the_value():
    rows = attributes(
        {"product_display_name": "Brand Printed Floral Top", "pattern": "floral print"},
        {"product_display_name": "Brand Printed Floral Top", "pattern": "geometric"},
        {"product_display_name": "Brand Printed Top", "pattern": "geometric"},
        {"product_display_name": "Brand Printed Top", "pattern": "solid color"},
    )
    agrees = rows.select(agrees_with_name("pattern", NAME_WORDS["pattern"])).to_series()
    assert agrees.to_list() == [True, False, True, False]


def test_the_lexicon_admits_only_what_the_column_may_hold():
    columns = {column.name: column for column in EXTRACTED_ATTRIBUTES.columns}
    for column, words in NAME_WORDS.items():
        assert {value for word in words for value in word.values} <= set(columns[column].allowed)


def test_a_question_that_was_not_asked_contradicts_no_name():
    rows = attributes(
        {"product_display_name": "Slim Hooded Bag", "fit_type": "cannot determine", "collar_type": "not applicable"},
        {"product_display_name": "Slim Hooded Bag", "fit_type": "cannot determine", "collar_type": None},
    )
    rules = [RULES[f"{column}_agrees_with_words_in_the_name"] for column in ("fit_type", "collar_type")]
    assert [rule.judge(rows).applicable for rule in rules] == [0, 0]


def test_clip_has_a_say_only_where_it_can_tell():
    rows = attributes({"clip_material": "unknown"}, {"clip_material": None}, {"clip_material": "leather"})
    judgement = RULES["material_agrees_with_clip"].judge(rows)
    assert (judgement.applicable, judgement.counted) == (1, 0)


def test_disagreements_are_rows_with_both_opinions():
    rows = broken_rules(
        attributes({"clip_material": "leather", "product_display_name": "Brand Denim Shirt"}), tuple(RULES.values())
    )
    assert rows.select("rule", "expected", "found", "severity").rows() == [
        ("material_agrees_with_clip", "material leather", "woven fabric", "warn"),
        ("material_agrees_with_words_in_the_name", "denim", "woven fabric", "warn"),
    ]


def test_the_table_has_a_say_only_where_it_states_a_value_and_the_question_was_asked():
    rows = attributes(
        {"stated_fit_type": "loose", "fit_type": "cannot determine"},
        {"stated_collar_type": "hooded", "collar_type": None},
        {"stated_collar_type": "hooded", "collar_type": "not applicable"},
        {"stated_material": "leather", "extraction_success": False},
        {},
    )
    judged = [rule.judge(rows) for name, rule in RULES.items() if name.endswith("_agrees_with_the_shops_table")]
    assert {(judgement.applicable, judgement.outcome, judgement.reason) for judgement in judged} == {
        (0, "passed", "No row applies.")
    }


@pytest.mark.parametrize(("agreeing", "outcome"), [(749, "warned"), (750, "passed"), (751, "passed")])
def test_the_model_agrees_with_the_table_often_enough(agreeing: int, outcome: str):
    agrees, differs = {"stated_pattern": "solid color"}, {"stated_pattern": "striped"}
    rows = attributes(*[agrees] * agreeing, *[differs] * (1000 - agreeing), *[{}] * 100)
    judgement = RULES["pattern_agrees_with_the_shops_table"].judge(rows)
    assert (judgement.outcome, judgement.value, judgement.applicable) == (outcome, agreeing / 1000, 1000)


def test_what_the_table_states_is_expected_and_what_the_model_saw_is_found():
    rows = broken_rules(attributes({"stated_material": "leather"}, {"stated_material": "woven fabric"}))
    assert rows.select("product_id", "rule", "expected", "found", "severity").rows() == [
        (0, "material_agrees_with_the_shops_table", "material leather", "woven fabric", "warn")
    ]
