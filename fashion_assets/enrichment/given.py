"""Attributes that the shop's own table states, in the taxonomy's words; they take precedence over the model."""

import json

import polars as pl

from fashion_assets.quality.labels.corrections import with_values
from fashion_assets.shop.folding import fold
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.shop.taxonomy import Attribute

GIVEN = "given"

NOTHING_GIVEN = pl.DataFrame(schema={"product_id": pl.Int64, GIVEN: pl.String})

_VALUES = {"product_id": pl.Int64, "field": pl.String, "value": pl.String}


def with_given(attributes: pl.DataFrame, given: pl.DataFrame, shop: ShopProfile) -> pl.DataFrame:
    """`attributes` with the values that the shop states in place of the model's, and the column `given` as stated.

    `given` has product_id and a JSON object of the shop's words by attribute. Words that mean no value of the taxonomy,
    in its own or in the shop's language, change nothing.
    """
    stated = given.drop_nulls(GIVEN)
    rows = attributes.join(stated, on="product_id", how="left", maintain_order="left")
    return with_values(rows, given_values(stated, shop), shop.taxonomy)


def given_values(given: pl.DataFrame, shop: ShopProfile) -> pl.DataFrame:
    """The stated values in the taxonomy's words: product_id, field (a column) and value."""
    fields = {name: field for field in shop.taxonomy.single_valued for name in (field.key, field.column)}
    rows = [
        (product_id, fields[name].column, value)
        for product_id, text in given.iter_rows()
        for name, word in json.loads(text).items()
        if name in fields and word and (value := meaning(fields[name], word, shop.language)) is not None
    ]
    return pl.DataFrame(rows, schema=_VALUES, orient="row").unique(["product_id", "field"], keep="first")


def meaning(field: Attribute, word: str, language: Language) -> str | None:
    """The value that a shop's word means: by its name or alias, or by the words of the language; None if none does.

    Of several words, as in "90 % cotton, 10 % elastane", the first that means something counts.
    """
    words = _words(field, language)
    for part in (word, *word.replace("/", ",").replace(";", ",").split(","), *word.split()):
        text = part.strip().strip("0123456789%. ")
        value = field.vocabulary.find(text) or words.get(fold(text))
        if value is not None and not field.value(value).says_nothing:
            return value
    return None


def _words(field: Attribute, language: Language) -> dict[str, str]:
    """The folded words of the language for values of the attribute, in descriptions, queries and tables."""
    typed = {word: values[0] for word, values in language.synonyms.get(field.column, {}).items()}
    described = {phrase: value for value, phrase in language.phrases.get(field.key, {}).items() if phrase}
    words = {**typed, **language.stated.get(field.column, {}), **described}
    named = {word: field.vocabulary.find(value) for word, value in words.items()}
    return {fold(word): value for word, value in named.items() if value is not None}
