"""What the shop's own table states about attributes, in the taxonomy's words.

Such values take precedence over the model in descriptions and search, and are witnesses of its answers. Where they are
used belongs to the slices.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from fashion_assets.shop.folding import fold
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

GIVEN = "given"
"""The column with what a table states: a JSON object of the shop's words by attribute."""

Words = Mapping[str, tuple[str, ...]]
"""Values of an attribute by the folded word that may mean them, the likeliest first."""


def given_values(given: pl.DataFrame, answers: pl.DataFrame, shop: ShopProfile) -> pl.DataFrame:
    """The stated values of single-valued attributes: product_id, field (a column), word (the shop's) and value.

    `given` has product_id and `given`, `answers` product_id and the model's value of each such attribute. A word that
    may mean several values, as cotton that is woven or knitted, means the model's if that is one of them. Words that
    mean no value of the taxonomy, in its own or in the shop's language, are left out.
    """
    taxonomy = shop.taxonomy
    key = ["product_id", "field"]
    schema = {"product_id": pl.Int64, "field": pl.String, "word": pl.String}
    stated = pl.DataFrame(list(_stated_words(given, taxonomy)), schema=schema, orient="row")
    stated = stated.unique(key, keep="first", maintain_order=True)
    columns = [field.column for field in taxonomy.single_valued]
    answered = answers.unpivot(columns, index="product_id", variable_name="field", value_name="answer")
    return (
        stated.join(_values_of_words(stated, shop), on=["field", "word"], maintain_order="left")
        .join(answered, on=key, how="left", maintain_order="left")
        .select(
            "product_id",
            "field",
            "word",
            value=pl.when(pl.col("values").list.contains(pl.col("answer")))
            .then("answer")
            .otherwise(pl.col("values").list.first()),
        )
    )


def meanings(field: Attribute, word: str, language: Language) -> tuple[str, ...]:
    """The values that a shop's word may mean, the likeliest first: by their names, aliases, words of the language, or
    words in names of products, of which those that allow several values only add to what a word means anyway.

    Of several words, as in "90 % cotton, 10 % elastane", the first that means something counts.
    """
    return _meanings(field, word, _words(field, language))


def _stated_words(given: pl.DataFrame, taxonomy: Taxonomy) -> Iterator[tuple[int, str, str]]:
    """(product, column, word) for each word of a single-valued attribute, which may be called by its key or column."""
    columns = {name: field.column for field in taxonomy.single_valued for name in (field.key, field.column)}
    for product_id, text in given.select("product_id", GIVEN).drop_nulls(GIVEN).iter_rows():
        for name, word in json.loads(text).items():
            if name in columns and word:
                yield product_id, columns[name], word


def _values_of_words(stated: pl.DataFrame, shop: ShopProfile) -> pl.DataFrame:
    """field, word and its values, for each distinct word that means something."""
    words = {field.column: _words(field, shop.language) for field in shop.taxonomy.single_valued}
    rows = [
        (column, word, list(values))
        for column, word in stated.select("field", "word").unique().iter_rows()
        if (values := _meanings(shop.taxonomy.by_column[column], word, words[column]))
    ]
    return pl.DataFrame(
        rows, schema={"field": pl.String, "word": pl.String, "values": pl.List(pl.String)}, orient="row"
    )


def _meanings(field: Attribute, word: str, words: Words) -> tuple[str, ...]:
    for part in (word, *word.replace("/", ",").replace(";", ",").split(","), *word.split()):
        text = part.strip().strip("0123456789%. ")
        in_names = [named.values for named in field.name_words if named.admits(text)]
        exact = [field.vocabulary.find(text), *words.get(fold(text), ())]
        exact += [value for named in in_names if len(named) == 1 for value in named]
        if _telling(field, exact):
            return _telling(field, [*exact, *(value for named in in_names for value in named)])
    return ()


def _telling(field: Attribute, values: Sequence[str | None]) -> tuple[str, ...]:
    """Each of the values once, without those that say nothing."""
    return tuple(dict.fromkeys(value for value in values if value is not None and not field.value(value).says_nothing))


def _words(field: Attribute, language: Language) -> Words:
    """The words of the language for values of the attribute, in descriptions, queries and tables."""
    typed = language.synonyms.get(field.column, {})
    described = {phrase: (value,) for value, phrase in language.phrases.get(field.key, {}).items() if phrase}
    words: dict[str, tuple[str, ...]] = {}
    for word, values in (*typed.items(), *language.stated.get(field.column, {}).items(), *described.items()):
        named = [field.vocabulary.find(value) for value in ((values,) if isinstance(values, str) else values)]
        if any(named):
            words[fold(word)] = tuple(value for value in named if value is not None)
    return words
