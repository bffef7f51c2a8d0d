"""What words in a product's name say about how it looks: "Striped", "Leather", "V-Neck".

A name is an opinion that nobody had to ask for. The words are the taxonomy's, and only those are there that shops use
of the look and of hardly anything else: "polo" is left out, which is a brand as often as a collar, and "jersey", which
is a garment as often as a fabric.
"""

from collections.abc import Sequence

import polars as pl

from fashion_assets.shop.taxonomy import NameWord, Taxonomy

_NAME = pl.col("product_display_name").str.to_lowercase()


def name_words(taxonomy: Taxonomy) -> dict[str, tuple[NameWord, ...]]:
    """The words by column of `product_extracted_attributes`; all words of a name must admit what the model saw."""
    return {attribute.column: attribute.name_words for attribute in taxonomy if attribute.name_words}


def is_in_name(word: NameWord) -> pl.Expr:
    """Is one of the words in the name?"""
    return _NAME.str.contains(rf"\b(?:{word.words})\b").fill_null(False)


def is_named(words: Sequence[NameWord]) -> pl.Expr:
    """Does the name say something about the attribute whose words these are?"""
    return pl.any_horizontal(is_in_name(word) for word in words)


def agrees_with_name(column: str, words: Sequence[NameWord]) -> pl.Expr:
    """Does every word of the name admit the value of this attribute?"""
    return pl.all_horizontal([~is_in_name(word) | pl.col(column).is_in(list(word.values)) for word in words])


def values_in_name(words: Sequence[NameWord]) -> pl.Expr:
    """The values that the name admits, as text: "striped", or "knit fabric or woven fabric"."""
    said = [pl.when(is_in_name(word)).then(pl.lit(" or ".join(word.values))) for word in words]
    return pl.concat_str(said, separator=", ", ignore_nulls=True)
