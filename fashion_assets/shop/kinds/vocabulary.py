"""The words that mean kinds, read from the data files beside this module."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from fashion_assets.shop.kinds.kind import Place
from fashion_assets.shop.kinds.spelling import english_keys, german_keys, spelled

_KINDS = ("apparel.toml", "footwear.toml", "accessories.toml", "others.toml")

LONGEST_PHRASE = 6
"""Words of the longest phrase that is looked for in a name; "Eau de Parfum", "Perfume and Body Mist"."""


class Sense(NamedTuple):
    """What a phrase can mean; `only_within`: only where its sub or master category is said elsewhere."""

    place: Place
    only_within: bool = False


Senses = dict[str, tuple[Sense, ...]]


@dataclass(frozen=True)
class WordLists:
    """Sets of keys of words that decide how a text is read; see `words.toml` for their meanings."""

    gender: Mapping[str, frozenset[str]]
    gender_alone: Mapping[str, frozenset[str]]
    children: frozenset[str]
    adults: frozenset[str]
    noise: frozenset[str]
    colours: frozenset[str]
    cuts: frozenset[str]
    nothing: frozenset[str]
    elsewhere: frozenset[str]
    german_markers: frozenset[str]
    only_among_german: frozenset[str]
    last_parts: frozenset[str]
    first_parts: frozenset[str]
    pairs: frozenset[str]
    last_only: frozenset[str]

    @cached_property
    def people(self) -> frozenset[str]:
        """Who wears a product."""
        return frozenset().union(*self.gender.values(), self.children, self.adults)


@dataclass(frozen=True)
class Vocabulary:
    """All kinds and words. Keys are those of `spelling.key`."""

    places: frozenset[Place]
    article_types: Senses = field(repr=False)
    """The reference catalog's own words for article types, in any number."""
    english: Senses = field(repr=False)
    german: Senses = field(repr=False)
    google: Mapping[int, Place] = field(repr=False)
    lists: WordLists = field(repr=False)
    names: tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]] = field(repr=False)
    """The own words of each level by their keys in both numbers."""

    def senses(self, phrase: str, *, among_german: bool) -> tuple[Sense, ...]:
        """What the phrase with this key can mean, the likeliest first."""
        types, english, german = (words.get(phrase, ()) for words in (self.article_types, self.english, self.german))
        if among_german:
            return (*german, *types, *english)
        return (*types, *english, *(() if phrase in self.lists.only_among_german else german))

    def reference_place(self, master: str, sub: str, article_type: str | None) -> Place | None:
        """The place with these of the reference catalog's own words, given as keys, also one that it rarely has."""
        names = [self.names[0].get(master), self.names[1].get(sub), self.names[2].get(article_type or "")]
        if names[0] is None or names[1] is None or (article_type and names[2] is None):
            return None
        return Place(names[0], names[1], names[2])

    def is_german(self, word: str) -> bool:
        """Whether a word is German and nothing else; it tells the language of the text."""
        if word in self.lists.german_markers:
            return True
        return (
            word in self.german
            and word not in self.article_types
            and word not in self.english
            and word not in self.lists.only_among_german
        )


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that ships, read once."""
    lists = _word_lists()
    article_types: Senses = {}
    english: Senses = {}
    german: Senses = {}
    google: dict[int, Place] = {}
    tables = list(_tables())
    for place, table in sorted(tables, key=lambda item: _rank(item[0])):
        names = english_keys(_name(place), both_numbers=True)
        if place.article_type:
            _add_all(article_types, names, Sense(place))
        else:
            _add_all(english, names - article_types.keys(), Sense(place))
        for phrase in _phrases(table.get("en", "")):
            _add_all(english, english_keys(phrase, pairs=lists.pairs), Sense(place))
        for phrase in _phrases(table.get("de", "")):
            _add_all(german, german_keys(phrase), Sense(place))
        for phrase in _phrases(table.get("within", "")):
            both = english_keys(phrase, both_numbers=True) | german_keys(phrase)
            _add_all(english, both, Sense(place, only_within=True))
        google |= dict.fromkeys(table.get("google", ()), place)
    return Vocabulary(
        frozenset(place for place, _ in tables), article_types, english, german, google, lists, _names(tables)
    )


def english_phrases() -> dict[Place, tuple[str, ...]]:
    """The English phrases listed for each kind, besides its own name, in the order of the files."""
    return {
        place: tuple(" ".join(phrase.split()) for phrase in _phrases(table.get("en", ""))) for place, table in _tables()
    }


def _names(tables: list[tuple[Place, dict[str, Any]]]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    names: tuple[dict[str, str], ...] = ({}, {}, {})
    for place, _ in tables:
        depth = sum(level is not None for level in place) - 1
        names[depth].update(dict.fromkeys(english_keys(_name(place), both_numbers=True), _name(place)))
    return names[0], names[1], names[2]


def _tables() -> Iterator[tuple[Place, dict[str, Any]]]:
    for name in _KINDS:
        for master, master_table in _load(name).items():
            yield Place(master), master_table
            for sub, sub_table in _below(master_table):
                yield Place(master, sub), sub_table
                for article_type, table in _below(sub_table):
                    yield Place(master, sub, article_type), table


def _below(table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, value) for name, value in table.items() if isinstance(value, dict))


def _rank(place: Place) -> int:
    """Article types first: "Perfumes" is rather the type than the sub category. "Accessories" is rather the master
    category than the sub category below it."""
    return 0 if place.article_type else 2 if place.sub_category else 1


def _name(place: Place) -> str:
    return place.article_type or place.sub_category or place.master_category


def _add_all(senses: Senses, keys: set[str], sense: Sense) -> None:
    for name in sorted(keys):
        _add(senses, name, sense)


def _add(senses: Senses, name: str, sense: Sense) -> None:
    if sense not in senses.get(name, ()):
        senses[name] = (*senses.get(name, ()), sense)


def _word_lists() -> WordLists:
    table = _load("words.toml")
    german = table["german"]
    return WordLists(
        gender={gender: _keys(words) for gender, words in table["gender"].items()},
        gender_alone={gender: _keys(words) for gender, words in table["gender_alone"].items()},
        children=_keys(table["age"]["children"]),
        adults=_keys(table["age"]["adults"]),
        noise=_keys(table["noise"]["words"]),
        colours=_keys(table["noise"]["colours"]),
        cuts=_keys(table["cuts"]["words"]),
        nothing=_forms(table["nothing"]["words"]),
        elsewhere=_keys(table["elsewhere"]["words"]),
        german_markers=_keys(german["markers"]),
        only_among_german=_keys(german["only_among_german"]),
        last_parts=_keys(german["last_parts"]),
        first_parts=_keys(german["first_parts"]),
        pairs=_keys(table["pairs"]["words"]),
        last_only=_forms(table["last_only"]["words"]),
    )


def _keys(words: str) -> frozenset[str]:
    return frozenset("".join(spelling) for phrase in _phrases(words) for spelling in spelled(phrase))


def _forms(words: str) -> frozenset[str]:
    """Keys of phrases in both languages, in both numbers."""
    phrases = _phrases(words)
    english = (english_keys(phrase, both_numbers=True) for phrase in phrases)
    return _keys(words).union(*english, *map(german_keys, phrases))


def _phrases(words: str) -> list[str]:
    return [phrase for phrase in map(str.strip, words.split(",")) if phrase]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files("fashion_assets.shop.kinds").joinpath(name).read_text("utf-8"))
