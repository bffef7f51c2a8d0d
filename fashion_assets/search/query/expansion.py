"""Query expansion: what people type, in the words that the catalog and the descriptions use.

The words come from `synonyms.toml` and the taxonomy's aliases. What is typed is kept: a word is joined by what it
stands for, never lost. Which products these words find is not decided here.
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
    """`text` is what is embedded, `terms` the words of the full-text query, `added` what was read into typed words."""

    text: str
    terms: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]


def expand(text: str, taxonomy: Taxonomy = SHIPPED.taxonomy) -> ExpandedQuery:
    """`text` with every synonym and alias joined by what it stands for: "plaid shirt" is "plaid checkered shirt".

    In `terms` an alias of several words gives way instead: the "shirt" of "t-shirt" would find shirts.
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
    """The words of `text`, lower case and in the singular, so that "Dresses" and "dress" are one."""
    return tuple(_singular(word.lower()) for word in _WORD.findall(text))


def longest_matches(
    words: Sequence[str], meanings: Mapping[Phrase, Meaning]
) -> Iterator[tuple[int, int, Meaning | None]]:
    """`words` from left to right as (first, past the last, meaning): the longest phrases known, else single words."""
    longest = max(map(len, meanings), default=1)
    at = 0
    while at < len(words):
        spans = range(min(longest, len(words) - at), 0, -1)
        span = next((span for span in spans if tuple(words[at : at + span]) in meanings), None)
        yield at, at + (span or 1), meanings[tuple(words[at : at + span])] if span else None
        at += span or 1


@lru_cache
def synonyms(taxonomy: Taxonomy = SHIPPED.taxonomy) -> dict[Phrase, tuple[str, ...]]:
    """Phrase to what it stands for, as descriptions word it; what already is such a word stands for itself."""
    found = {folded(alias): (word,) for alias, word in _aliases(taxonomy).items()}
    for column, entries in synonym_entries().items():
        found |= {
            folded(phrase): tuple(described(column, value, taxonomy) for value in entries[phrase]) for phrase in entries
        }
    own = [
        described(attribute.column, value.name, taxonomy)
        for attribute in taxonomy.visible
        for value in attribute.vocabulary
        if not value.says_nothing
    ]
    return found | {folded(word): (word,) for word in (*own, *chain.from_iterable(found.values()))}


def synonym_entries() -> dict[str, dict[str, list[str]]]:
    """Column to phrase to the values that it stands for, as `synonyms.toml` has them."""
    return {column: entries for column, entries in _file().items() if column != "query"}


def described(column: str, value: str, taxonomy: Taxonomy = SHIPPED.taxonomy) -> str:
    """The words by which descriptions say that `column` is `value`.

    Of what stands after the article the value itself is the better word: "crew neck" instead of "a crew neck".
    """
    word = value.lower()
    attribute = taxonomy.by_column.get(column)
    if attribute is None or attribute.placement != "before":
        return word
    known = attribute.vocabulary.by_name.get(word)
    return (known.description if known else "") or word


def _aliases(taxonomy: Taxonomy) -> dict[str, str]:
    """The taxonomy's aliases that name one value only, and that something."""
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
    """Plural endings only, by hand: a Snowball stemmer makes "metal" of "metallic" and "hood" of "hooded", which mean
    other values here or none."""
    if re.search(r"(ss|sh|ch|x)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word
