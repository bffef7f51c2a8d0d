"""Query expansion: from the words that people type to the words of the catalog and the descriptions.

The meanings come from the language's synonyms and the taxonomy's aliases. They are added to what is typed, which is
kept. Matching products is not part of this module.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from fashion_assets.search.index.words import folded_text
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.languages.reader import english
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

Phrase = tuple[str, ...]
"""Folded words: without case and accents, singular."""
Meaning = TypeVar("Meaning")

_ASCII_WORD = re.compile("[A-Za-z0-9]+")
_POSSESSIVE = re.compile(r"['’]s\b")


@dataclass(frozen=True)
class ExpandedQuery:
    """`text` is embedded, `terms` are the folded words of the full-text query, `added` the meanings by typed phrase."""

    text: str
    terms: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]


def expand(text: str, taxonomy: Taxonomy = SHIPPED.taxonomy, language: Language = SHIPPED.language) -> ExpandedQuery:
    """`text` with the meaning after every synonym and alias: "plaid shirt" becomes "plaid checkered shirt".

    In `terms` the meaning replaces an alias of several words: the "shirt" of "t-shirt" would match shirts.
    """
    text = _POSSESSIVE.sub("s", text)
    spans = word_spans(text)
    embedded, terms, added, end = [], [], {}, 0
    for first, last, meanings in longest_matches(folded(text, language), synonyms(taxonomy, language)):
        start, stop = spans[first][0], spans[last - 1][1]
        typed = text[start:stop]
        means_itself = folded(typed, language) in [folded(meaning, language) for meaning in meanings or ()]
        new = () if means_itself else meanings or ()
        embedded.append(text[end:stop])
        end = stop
        if new:
            added[typed] = new
            embedded.append(" " + " ".join(new))
        kept = [] if new and last - first > 1 else words(typed)
        terms += [*chain.from_iterable(map(language.spelled, kept)), *map(folded_text, " ".join(new).split())]
    return ExpandedQuery("".join([*embedded, text[end:]]), tuple(dict.fromkeys(terms)), added)


def as_typed(text: str, language: Language = SHIPPED.language) -> ExpandedQuery:
    """`text` with nothing added but the other spellings of its words."""
    terms = chain.from_iterable(map(language.spelled, words(text)))
    return ExpandedQuery(text, tuple(dict.fromkeys(terms)), {})


def folded(text: str, language: Language = SHIPPED.language) -> Phrase:
    """The words of `text` without case, accents and inflection, so that "Dresses" equals "dress"."""
    return tuple(map(language.key, words(text)))


def words(text: str) -> list[str]:
    """The words of `text`, as they are."""
    return [text[start:stop] for start, stop in word_spans(text)]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of `text` starts and ends: letters and digits, with the marks of any script that follow them."""
    if text.isascii():
        return [match.span() for match in _ASCII_WORD.finditer(text)]
    kinds = "".join("w" if char.isalnum() else unicodedata.category(char)[0] for char in text)
    return [match.span() for match in re.finditer("w[wM]*", kinds)]


def longest_matches(
    words: Sequence[str], meanings: Mapping[Phrase, Meaning]
) -> Iterator[tuple[int, int, Meaning | None]]:
    """`words` from left to right as (first, past the last, meaning): the longest phrase with a meaning, else a word."""
    longest = max(map(len, meanings), default=1)
    at = 0
    while at < len(words):
        spans = range(min(longest, len(words) - at), 0, -1)
        span = next((span for span in spans if tuple(words[at : at + span]) in meanings), None)
        yield at, at + (span or 1), meanings[tuple(words[at : at + span])] if span else None
        at += span or 1


@lru_cache
def synonyms(
    taxonomy: Taxonomy = SHIPPED.taxonomy, language: Language = SHIPPED.language
) -> dict[Phrase, tuple[str, ...]]:
    """Phrase to its meanings, in the words of descriptions; such a word means itself."""
    meanings = {folded(alias, language): (word,) for alias, word in _aliases(taxonomy, language).items()}
    for column, entries in language.synonyms.items():
        meanings |= {
            folded(phrase, language): tuple(described(column, value, taxonomy, language) for value in values)
            for phrase, values in entries.items()
        }
    description_words = [
        described(attribute.column, value.name, taxonomy, language)
        for attribute in taxonomy.visible
        for value in attribute.vocabulary
        if not value.says_nothing
    ]
    of_catalog = chain.from_iterable(of_column.values() for of_column in language.words.values())
    themselves = (*description_words, *of_catalog, *chain.from_iterable(meanings.values()))
    return meanings | {folded(word, language): (word,) for word in themselves}


def described(
    column: str, value: str, taxonomy: Taxonomy = SHIPPED.taxonomy, language: Language = SHIPPED.language
) -> str:
    """The words of descriptions for `value` of `column`.

    For attributes after the article, without a phrase of the language, it is the value itself: "crew neck" instead of
    "a crew neck".
    """
    attribute = taxonomy.by_column.get(column)
    if attribute is None:
        return language.words.get(column, {}).get(value) or value.lower()
    member = attribute.vocabulary.by_name.get(value.lower())
    if member is not None and (phrase := language.phrases.get(attribute.key, {}).get(member.name)):
        return phrase
    return (member.description if member and attribute.placement == "before" else "") or value.lower()


def _aliases(taxonomy: Taxonomy, language: Language) -> dict[str, str]:
    """The taxonomy's aliases that name exactly one value, without values that say nothing."""
    left_out = {folded(word, language) for word in (*english().query.not_aliases, *language.query.not_aliases)}
    values = {folded(value, language) for field in taxonomy.visible for value in field.vocabulary.values()}
    named: dict[str, set[str]] = {}
    for attribute in taxonomy.visible:
        phrases = language.phrases.get(attribute.key, {})
        for value in attribute.vocabulary:
            name = value.name if phrases.get(value.name) else value.bare_name
            for alias in () if value.says_nothing else value.aliases:
                named.setdefault(alias, set()).add(described(attribute.column, name, taxonomy, language))
    return {
        alias: min(meant)
        for alias, meant in named.items()
        if len(meant) == 1 and folded(alias, language) not in left_out | values
    }
