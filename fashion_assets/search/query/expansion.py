"""Query expansion: from the words that people type to the words of the catalog and the descriptions.

The meanings come from `synonyms.toml` and the taxonomy's aliases. They are added to what is typed, which is kept.
Matching products is not part of this module.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import TypeVar

from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

Phrase = tuple[str, ...]
"""Folded words: lower case, singular."""
Meaning = TypeVar("Meaning")

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")


@dataclass(frozen=True)
class ExpandedQuery:
    """`text` is embedded, `terms` are the words of the full-text query, `added` the meanings by typed phrase."""

    text: str
    terms: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]


def expand(text: str, taxonomy: Taxonomy = SHIPPED.taxonomy) -> ExpandedQuery:
    """`text` with the meaning after every synonym and alias: "plaid shirt" becomes "plaid checkered shirt".

    In `terms` the meaning replaces an alias of several words: the "shirt" of "t-shirt" would match shirts.
    """
    text = _POSSESSIVE.sub("s", text)
    words = list(_WORD.finditer(text))
    embedded, terms, added, end = [], [], {}, 0
    for first, last, meanings in longest_matches(folded(text), synonyms(taxonomy)):
        typed = text[words[first].start() : words[last - 1].end()]
        means_itself = folded(typed) in map(folded, meanings or ())
        new = () if means_itself else meanings or ()
        embedded.append(text[end : words[last - 1].end()])
        end = words[last - 1].end()
        if new:
            added[typed] = new
            embedded.append(" " + " ".join(new))
        kept = [word.group().lower() for word in words[first:last]]
        terms += [*([] if new and len(kept) > 1 else kept), *" ".join(new).split()]
    return ExpandedQuery("".join([*embedded, text[end:]]), tuple(dict.fromkeys(terms)), added)


def as_typed(text: str) -> ExpandedQuery:
    """`text` with nothing added."""
    return ExpandedQuery(text, tuple(dict.fromkeys(word.lower() for word in _WORD.findall(text))), {})


def folded(text: str) -> Phrase:
    """The words of `text`, lower case and in the singular, so that "Dresses" equals "dress"."""
    return tuple(_singular(word.lower()) for word in _WORD.findall(text))


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
def synonyms(taxonomy: Taxonomy = SHIPPED.taxonomy) -> dict[Phrase, tuple[str, ...]]:
    """Phrase to its meanings, in the words of descriptions; such a word means itself."""
    meanings = {folded(alias): (word,) for alias, word in _aliases(taxonomy).items()}
    for column, entries in synonym_entries().items():
        meanings |= {
            folded(phrase): tuple(described(column, value, taxonomy) for value in entries[phrase]) for phrase in entries
        }
    description_words = [
        described(attribute.column, value.name, taxonomy)
        for attribute in taxonomy.visible
        for value in attribute.vocabulary
        if not value.says_nothing
    ]
    words = (*description_words, *chain.from_iterable(meanings.values()))
    return meanings | {folded(word): (word,) for word in words}


def synonym_entries() -> dict[str, dict[str, list[str]]]:
    """Column to phrase to the values that it means, as in `synonyms.toml`."""
    return {column: entries for column, entries in _file().items() if column != "query"}


def described(column: str, value: str, taxonomy: Taxonomy = SHIPPED.taxonomy) -> str:
    """The words of descriptions for `value` of `column`.

    For attributes after the article it is the value itself: "crew neck" instead of "a crew neck".
    """
    word = value.lower()
    attribute = taxonomy.by_column.get(column)
    if attribute is None or attribute.placement != "before":
        return word
    member = attribute.vocabulary.by_name.get(word)
    return (member.description if member else "") or word


def _aliases(taxonomy: Taxonomy) -> dict[str, str]:
    """The taxonomy's aliases that name exactly one value, without values that say nothing."""
    left_out = {folded(word) for word in _file()["query"]["not_aliases"]}
    values = {folded(value) for field in taxonomy.visible for value in field.vocabulary.values()}
    named: dict[str, set[str]] = {}
    for attribute in taxonomy.visible:
        for value in attribute.vocabulary:
            for alias in () if value.says_nothing else value.aliases:
                named.setdefault(alias, set()).add(described(attribute.column, value.bare_name, taxonomy))
    return {
        alias: min(words)
        for alias, words in named.items()
        if len(words) == 1 and folded(alias) not in left_out | values
    }


@lru_cache
def _file() -> dict[str, dict]:
    return tomllib.loads(files("fashion_assets.search.query").joinpath("synonyms.toml").read_text("utf-8"))


def _singular(word: str) -> str:
    """Strips plural endings only: a Snowball stemmer turns "metallic" into "metal" and "hooded" into "hood", which are
    other values here or none."""
    if re.search(r"(ss|sh|ch|x)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word
