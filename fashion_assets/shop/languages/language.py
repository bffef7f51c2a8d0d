"""A language as data: how descriptions are worded in it, and how its words are compared.

`reader.py` makes one from a file; `en.toml` explains the form. What is said about a product is not part of this module.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import ConfigDict

from fashion_assets.shop.folding import fold
from fashion_assets.shop.taxonomy import Attribute, Value

Stemmer = Literal[
    "Arabic", "Danish", "Dutch", "English", "Finnish", "French", "German", "Greek", "Hungarian", "Italian",
    "Norwegian", "Portuguese", "Romanian", "Russian", "Spanish", "Swedish", "Tamil", "Turkish", "none",
]  # fmt: skip
"""The stemmers that LanceDB has; "none" for a language without one."""

Part = Literal["color", "attributes", "material", "article"]

KEPT_KEYS = 20_000
"""Words: about 2 MB."""

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Wording:
    """How descriptions are put together.

    `opening` has the order of their first parts, which `between` joins; the other fields are templates with one `{}`.
    Parts in `lower_case` are written small. A word of `joining_words` may be repeated. A description has at most
    `most_words`.
    """

    __pydantic_config__ = _STRICT

    opening: tuple[Part, Part, Part, Part]
    between: str
    material: str
    visible: str
    style: str
    audience: str
    lower_case: tuple[Literal["color", "article", "audience"], ...]
    joining_words: tuple[str, ...]
    most_words: int


@dataclass(frozen=True)
class FullText:
    """How LanceDB indexes words: by their stems, without stop words (None: those it has for the stemmer)."""

    __pydantic_config__ = _STRICT

    stemmer: Stemmer
    stop_words: tuple[str, ...] | None = None

    @property
    def version(self) -> str:
        """Equal for indexes that were made alike: the stemmer, with a hash of stop words of its own."""
        if self.stop_words is None:
            return self.stemmer
        return f"{self.stemmer}-{_short_hash(sorted(self.stop_words))}"


@dataclass(frozen=True)
class QueryWords:
    """How words of a query are compared with those of the catalog.

    `word_ending` is the regular expression of the inflection that is removed from a folded word. `spellings` are two
    ways to write the same, as in "ä" and "ae"; the second is not one after a letter of `spellings_not_after`.
    `not_aliases` are aliases of the taxonomy that mean something else, or nothing, in a query.
    """

    __pydantic_config__ = _STRICT

    word_ending: str
    not_aliases: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict, hash=False)
    spellings_not_after: str = ""


@dataclass(frozen=True)
class Language:
    """One language.

    `phrases` are the wordings of attribute values by attribute key, `words` those of the catalog's usual values by
    column (and of occasions), `synonyms` the words that people type by column, with the values that they mean. `stated`
    are further words that mean a value in a column of the shop's table, but less than that in a query; of several
    values, the first is meant where the photo shows none of them.
    `is_of_taxonomy`: the taxonomy itself words its values in this language. `name_words` are frequent in the names of
    products, and tell the language of a catalog; so do words that end in one of `compound_ends`.
    """

    __pydantic_config__ = _STRICT

    code: str
    name: str
    full_text: FullText
    query: QueryWords
    description: Wording
    name_words: tuple[str, ...]
    compound_ends: tuple[str, ...] = ()
    own_name: str = ""
    is_of_taxonomy: bool = False
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict, hash=False)
    stated: Mapping[str, Mapping[str, str | tuple[str, ...]]] = field(default_factory=dict, hash=False)

    @cached_property
    def version(self) -> str:
        """A hash of everything in it: another one words or searches differently."""
        return _short_hash(asdict(self))

    def phrase(self, attribute: Attribute, value: Value) -> str:
        """The wording of a value in descriptions: the taxonomy's own where this language has none; "" to omit it."""
        if value.says_nothing:
            return ""
        return self.phrases.get(attribute.key, {}).get(value.name, value.description)

    def word(self, column: str, value: str) -> str:
        """The word for a value of a catalog column; the value itself where this language has none."""
        return self.words.get(column, {}).get(value, value)

    def key(self, word: str) -> str:
        """The form in which words are compared: without case, accents, inflection and ways of spelling."""
        return self._keys(word)

    def spelled(self, word: str) -> tuple[str, ...]:
        """The folded spellings under which the catalog may have the word, the typed one first."""
        written_out = unicodedata.normalize("NFC", word).lower()
        for letter, letters in self.query.spellings.items():
            written_out = written_out.replace(letter, letters)
        return tuple(dict.fromkeys((_folded(word), _folded(written_out), self._contracted(word))))

    @cached_property
    def _keys(self) -> Callable[[str], str]:
        """`key`, with the last results kept: a query compares the same words of the catalog again and again."""
        return lru_cache(KEPT_KEYS)(lambda word: re.sub(self.query.word_ending, "", self._contracted(word)))

    def _contracted(self, word: str) -> str:
        """The folded word, in which every second spelling is replaced by the first one's letter."""
        contracted = _folded(word)
        for letter, pattern in self._second_spellings:
            contracted = re.sub(pattern, letter, contracted)
        return contracted

    @cached_property
    def _second_spellings(self) -> list[tuple[str, str]]:
        """Each letter, with the pattern of its second spelling; both folded."""
        guard = f"(?<![{re.escape(self.query.spellings_not_after)}])" if self.query.spellings_not_after else ""
        return [(fold(letter), guard + re.escape(fold(letters))) for letter, letters in self.query.spellings.items()]


def _short_hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _folded(word: str) -> str:
    return word.lower() if word.isascii() else fold(word)
