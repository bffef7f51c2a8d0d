"""Attributes that the shop's table states reach descriptions in whatever language the shop words them."""

import polars as pl
import pytest

from fashion_assets.enrichment.given import given_values, meaning
from fashion_assets.shop.languages.reader import english, load_language
from fashion_assets.shop.profile import SHIPPED, ShopProfile

GERMAN = load_language("de")
MATERIAL, PATTERN = SHIPPED.taxonomy["material"], SHIPPED.taxonomy["pattern"]


@pytest.mark.parametrize(
    ("attribute", "word", "value"),
    [
        (MATERIAL, "Leder", "leather"),
        (MATERIAL, "100 % Leinen", "woven fabric"),
        (MATERIAL, "90% Baumwolle, 10% Elasthan", "woven fabric"),
        (MATERIAL, "WOLLE/Polyamid", "knit fabric"),
        (MATERIAL, "cotton", "woven fabric"),
        (MATERIAL, "ledern", "leather"),
        (MATERIAL, "Mondstaub", None),
        (PATTERN, "kariert", "checkered"),
        (PATTERN, "geblumt", "floral print"),
    ],
)
def test_german_words_of_a_table_mean_values(attribute, word, value):
    assert meaning(attribute, word, GERMAN) == value


def test_an_english_shop_needs_no_german():
    assert [meaning(MATERIAL, word, english()) for word in ("Suede", "100% cotton", "Leder")] == [
        "leather",
        "woven fabric",
        None,
    ]


@pytest.mark.parametrize("column", GERMAN.stated)
def test_every_stated_word_means_a_value_that_says_something(column):
    field = next(field for field in SHIPPED.taxonomy if field.column == column)
    assert all(meaning(field, word, GERMAN) == value for word, value in GERMAN.stated[column].items())


def test_only_words_with_a_meaning_become_values():
    given = pl.DataFrame({"product_id": [1, 2], "given": ['{"material":"Leder","pattern":"Mondstaub"}', "{}"]})
    values = given_values(given, ShopProfile(language=GERMAN))
    assert values.rows() == [(1, "material", "leather")]
