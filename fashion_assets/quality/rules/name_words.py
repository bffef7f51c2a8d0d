"""What words in a product's name say about how it looks: "Striped", "Leather", "V-Neck".

A name is a second opinion at no cost. The words come from the taxonomy, which lists only words that shops use almost
exclusively for the look: "polo" is left out because it is a brand as often as a collar, "jersey" because it is a
garment as often as a fabric.
"""

from collections.abc import Sequence

import polars as pl

from fashion_assets.shop.taxonomy import NameWord, Taxonomy

_NAME = pl.col("product_display_name").str.to_lowercase()


def name_words(taxonomy: Taxonomy) -> dict[str, tuple[NameWord, ...]]:
    """The words by column of `product_extracted_attributes`; each word in a name must admit the model's value."""
    return {attribute.column: attribute.name_words for attribute in taxonomy if attribute.name_words}


def is_in_name(word: NameWord) -> pl.Expr:
    """Whether one of the words is in the name."""
    return _NAME.str.contains(rf"\b(?:{word.words})\b").fill_null(False)


def is_named(words: Sequence[NameWord]) -> pl.Expr:
    """Whether the name says something about the attribute whose words these are."""
    return pl.any_horizontal(is_in_name(word) for word in words)


def agrees_with_name(column: str, words: Sequence[NameWord]) -> pl.Expr:
    """Whether every such word of the name admits the value of the attribute in `column`."""
    return pl.all_horizontal([~is_in_name(word) | pl.col(column).is_in(list(word.values)) for word in words])


def values_in_name(words: Sequence[NameWord]) -> pl.Expr:
    """The values that the name admits, as text: "striped", or "knit fabric or woven fabric"."""
    admitted = [pl.when(is_in_name(word)).then(pl.lit(" or ".join(word.values))) for word in words]
    return pl.concat_str(admitted, separator=", ", ignore_nulls=True)
