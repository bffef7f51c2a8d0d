"""Attributes that the shop's table states have values in whatever language the shop words them."""

import polars as pl
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from fashion_assets.shop.given import given_values, meanings
from fashion_assets.shop.languages.reader import english, load_language
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets_tests.factories import attributes

GERMAN = load_language("de")
MATERIAL, PATTERN = SHIPPED.taxonomy["material"], SHIPPED.taxonomy["pattern"]
WOVEN_OR_KNIT = ("woven fabric", "knit fabric")


@pytest.mark.parametrize(
    ("attribute", "word", "values"),
    [
        (MATERIAL, "Leder", ("leather",)),
        (MATERIAL, "100 % Leinen", ("woven fabric",)),
        (MATERIAL, "90% Baumwolle, 10% Elasthan", WOVEN_OR_KNIT),
        (MATERIAL, "WOLLE/Polyamid", WOVEN_OR_KNIT[::-1]),
        (MATERIAL, "cotton", WOVEN_OR_KNIT),
        (MATERIAL, "ledern", ("leather",)),
        (MATERIAL, "Mondstaub", ()),
        (MATERIAL, "unknown", ()),
        (MATERIAL, "Jeans", ("denim",)),
        (PATTERN, "kariert", ("checkered",)),
        (PATTERN, "tartan", ("checkered",)),
        (PATTERN, "printed", ()),
        (PATTERN, "geblumt", ("floral print",)),
    ],
)
def test_german_words_of_a_table_mean_values(attribute, word, values):
    assert meanings(attribute, word, GERMAN) == values


def test_an_english_shop_needs_no_german():
    assert [meanings(MATERIAL, word, english()) for word in ("Suede", "100% cotton", "Leder")] == [
        ("leather",),
        WOVEN_OR_KNIT,
        (),
    ]


@pytest.mark.parametrize("column", GERMAN.stated)
def test_every_stated_word_means_values_that_say_something(column):
    field = SHIPPED.taxonomy.by_column[column]
    for word, declared in GERMAN.stated[column].items():
        values = (declared,) if isinstance(declared, str) else declared
        assert meanings(field, word, GERMAN)[: len(values)] == values


def test_only_words_with_a_meaning_become_values():
    given = pl.DataFrame({"product_id": [1, 2], "given": ['{"material":"Leder","pattern":"Mondstaub"}', "{}"]})
    values = given_values(given, attributes({"product_id": 1}, {"product_id": 2}), ShopProfile(language=GERMAN))
    assert values.rows() == [(1, "material", "Leder", "leather")]


@pytest.mark.parametrize(
    ("model", "value"),
    [
        ("knit fabric", "knit fabric"),
        ("woven fabric", "woven fabric"),
        ("denim", "woven fabric"),
        (None, "woven fabric"),
    ],
)
def test_a_word_that_may_mean_several_values_means_the_one_that_the_model_sees(model, value):
    given = pl.DataFrame({"product_id": [0], "given": ['{"material":"100% Cotton"}']})
    (stated,) = given_values(given, attributes({"material": model}), SHIPPED)["value"]
    assert stated == value


def test_an_attribute_may_be_called_by_its_key_or_its_column():
    given = pl.DataFrame(
        {"product_id": [0, 1, 2], "given": ['{"collar":"hooded"}', '{"collar_type":"hooded","size":"M"}', None]}
    )
    values = given_values(given, attributes({}, {}, {}), SHIPPED)
    assert values.select("product_id", "field", "value").rows() == [
        (0, "collar_type", "hooded"),
        (1, "collar_type", "hooded"),
    ]


@for_all(st.text(max_size=40))
def test_any_text_means_values_that_say_something_or_none(word):
    for language in (english(), GERMAN):
        for field in SHIPPED.taxonomy.single_valued:
            assert all(not field.value(value).says_nothing for value in meanings(field, word, language))
