"""Filters in the catalog's own words: what is typed is matched with the values that the catalog has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl
from rapidfuzz import process

from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import SearchError
from fashion_assets.search.query.filters import WORD_FIELDS, Filters
from fashion_assets.shop.folding import fold
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED

if TYPE_CHECKING:
    from lancedb.table import Table

    from fashion_assets.storage.reader import TableReader

CatalogValues = Mapping[str, Sequence[str]]
"""Filter column to the values that the catalog has there, sorted."""

MOST_NAMED = 3
"""Values that a message suggests."""

LEAST_SIMILARITY = 60.0
"""Of 0..100 by RapidFuzz's weighted ratio; below this, values share no more than some letters."""


def indexed_values(table: Table) -> CatalogValues:
    """The values of the index version that `table` is pinned at."""
    parts = table.search().select(list(WORD_FIELDS)).limit(table.count_rows()).to_batches()
    return _distinct(pl.DataFrame(pl.from_arrow(part)) for part in parts)


def embedded_values(tables: TableReader) -> CatalogValues:
    """The values of all products that have embeddings."""
    return _distinct(tables.read_in_parts(EMBEDDINGS, list(WORD_FIELDS)))


def in_catalog_words(
    filters: Filters | None, values: Callable[[], CatalogValues], language: Language = SHIPPED.language
) -> Filters | None:
    """`filters` with the catalog's spellings of their words: "women" becomes "Women", and "WOMEN" too if it has both.

    The words of `language` for the catalog's values are understood as well: in German, "Damen" is "Women".

    `values` is only called if there are words. Raises SearchError, naming the nearest values, for a word that is none
    of the catalog's.
    """
    if filters is None or not filters.words:
        return filters
    of_catalog = values()
    spelled = {
        field: tuple(
            dict.fromkeys(value for word in words for value in _spellings(field, word, of_catalog[field], language))
        )
        for field, words in filters.words.items()
    }
    return filters.model_copy(update=spelled)


def nearest_values(word: str, values: Sequence[str]) -> list[str]:
    """The `values` that are spelled most like `word`, best first, without those that differ in case; may be empty."""
    folded = {fold(value): value for value in reversed(values)}
    near = process.extract(fold(word), folded.keys(), limit=MOST_NAMED, score_cutoff=LEAST_SIMILARITY)
    return [folded[spelling] for spelling, _, _ in near]


def _spellings(field: str, word: str, values: Sequence[str], language: Language) -> list[str]:
    wanted = fold(word)
    spellings = [value for value in values if wanted in (fold(value), fold(language.word(field, value)))]
    if spellings:
        return spellings
    field_name = field.replace("_", " ")
    if not values:
        raise SearchError(
            value=f"The filter '{field}={word}' matches nothing",
            rule=f"the catalog states no {field_name} of any product",
            remedy="leave the filter out",
        )
    near = nearest_values(word, values)
    named = " or ".join(f"'{value}'" for value in near or values[:MOST_NAMED])
    others = len(values) - len(near or values[:MOST_NAMED])
    raise SearchError(
        value=f"The catalog has no {field_name} '{word}'",
        rule=f"the filter '{field}' takes only values that it has",
        remedy=f"use {named}" + (f", the nearest of its {len(values)}" if others and near else ""),
    )


def _distinct(parts: Iterable[pl.DataFrame]) -> dict[str, list[str]]:
    distinct: dict[str, set[str]] = {name: set() for name in WORD_FIELDS}
    for part in parts:
        for name, values in distinct.items():
            values.update(part[name].drop_nulls().unique())
    return {name: sorted(values) for name, values in distinct.items()}
