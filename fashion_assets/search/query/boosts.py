"""The business rules of ranking, as data: a product moves up if it has a value that the query names.

These rules order search results; rules that judge products are in `quality/rules/`. A new rule is one declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from fashion_assets.search.query.expansion import Phrase, described, folded, longest_matches
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np

Named = Mapping[str, frozenset[str]]
"""Column to the values that the query names."""


@dataclass(frozen=True)
class Boost:
    """Adds `boost` to the score of a product for each of `columns` in which it has a value that the query names."""

    name: str
    why: str
    columns: tuple[str, ...]
    boost: float

    def matched(self, row: Mapping[str, object], named: Named) -> tuple[str, ...]:
        """The columns of `row` that the rule applies to."""
        return tuple(column for column in self.columns if row[column] in named.get(column, ()))


def boosted(rows: Sequence[Mapping[str, object]], rules: Sequence[Boost], named: Named) -> np.ndarray:
    """What `rules` add to the score of each of `rows`: (rows,) float64."""
    import numpy as np

    added = np.zeros(len(rows))
    for rule in rules:
        matches = [[row[column] in values for row in rows] for column in rule.columns if (values := named.get(column))]
        if matches:
            added += rule.boost * np.sum(matches, axis=0)
    return added


@lru_cache
def boosts(taxonomy: Taxonomy) -> tuple[Boost, ...]:
    """The boosts of enriched searches."""
    visual = _visual_columns(taxonomy)
    return (
        Boost("article type", "Who asks for a dress does not want a red shirt.", ("article_type",), 0.2),
        Boost("colour", "A named colour is meant; vectors take navy for blue, maroon for red.", ("base_color",), 0.2),
        Boost("gender", "The photo seldom shows for whom a product is made; the catalog knows.", ("gender",), 0.1),
        Boost("attribute", "What the photo shows is the most particular thing that a query can name.", visual, 0.1),
        Boost("usage and season", "They are the catalog's view of when it is worn.", ("usage", "season"), 0.05),
    )


@lru_cache
def catalog_boosts(taxonomy: Taxonomy) -> tuple[Boost, ...]:
    """The boosts that use no extracted values, for baseline searches."""
    visual = set(_visual_columns(taxonomy))
    return tuple(rule for rule in boosts(taxonomy) if visual.isdisjoint(rule.columns))


@lru_cache
def named_columns(taxonomy: Taxonomy) -> tuple[str, ...]:
    """The columns whose values a query may name."""
    return tuple(column for rule in boosts(taxonomy) for column in rule.columns)


def _visual_columns(taxonomy: Taxonomy) -> tuple[str, ...]:
    return tuple(attribute.column for attribute in taxonomy.single_valued)


def named_values(
    text: str,
    values: Mapping[str, Collection[str | None]],
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    language: Language = SHIPPED.language,
) -> Named:
    """The `values` that `text` names, by column; of overlapping ones only the longest ("navy blue" is not blue).

    `text` should be an expanded query, in which the meanings follow synonyms and aliases.
    """
    phrases: dict[Phrase, set[tuple[str, str]]] = {}
    phrases_of = _phrases(taxonomy, language)
    for column, of_column in values.items():
        for value in filter(None, of_column):
            for words in phrases_of(column, value):
                phrases.setdefault(words, set()).add((column, value))
    named: dict[str, set[str]] = {}
    for _, _, meanings in longest_matches(folded(text, language), phrases):
        for column, value in meanings or ():
            named.setdefault(column, set()).add(value)
    return {column: frozenset(of_column) for column, of_column in named.items()}


@lru_cache
def _phrases(taxonomy: Taxonomy, language: Language) -> Callable[[str, str], frozenset[Phrase]]:
    """The phrases that name a value, by column and value; none for a value that says nothing.

    They are kept, because the same few hundred values come with every query, and folding them takes half of its order.
    """

    @lru_cache(maxsize=10_000)
    def phrases_of(column: str, value: str) -> frozenset[Phrase]:
        if value in taxonomy.silent_values:
            return frozenset()
        return frozenset((folded(value, language), folded(described(column, value, taxonomy, language), language)))

    return phrases_of
