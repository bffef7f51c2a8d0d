"""Which language the names of a catalog are in, by words and letters that are frequent in it.

Names are short and full of brands, so most show no language at all; what is counted is what those do that show one.
This is enough to warn, and not to decide anything.
"""

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice

from fashion_assets.shop.folding import fold
from fashion_assets.shop.languages.reader import shipped_languages

MOST_NAMES = 5_000
"""Names that are read."""

LEAST_SHARE = 0.2
"""Of all names, that must show a language, for one to be named; catalogs of brand names alone show none."""

LATIN = "LATIN"


@dataclass(frozen=True)
class NamesLanguage:
    """The language that most names show; `code` is None if too few show one, or no language has most of them.

    `shares` are of all names, by code: of a language, or of a script such as `cyrillic` where that is not Latin.
    """

    code: str | None
    name: str
    shares: dict[str, float]


def names_language(names: Iterable[str]) -> NamesLanguage:
    """The language of most of the first MOST_NAMES names."""
    languages = [_language_of(name) for name in islice((name for name in names if name.strip()), MOST_NAMES)]
    counted = Counter(filter(None, languages))
    shares = {code: count / len(languages) for code, count in counted.most_common()}
    showing = sum(shares.values())
    code = next((code for code, share in shares.items() if share > showing / 2 and showing >= LEAST_SHARE), None)
    return NamesLanguage(code, _names().get(code, f"{code.title()} letters") if code else "", shares)


@dataclass(frozen=True)
class _Traits:
    """What shows a language: folded words, folded ends of longer ones, and letters that others do not have."""

    code: str
    name: str
    words: frozenset[str]
    letters: frozenset[str]
    compound_ends: tuple[str, ...] = ()

    def points(self, words: Set[str], letters: Set[str]) -> int:
        """How much a name with these folded words and these letters looks like the language."""
        compounds = {word for word in words - self.words if _is_compound(word, self.compound_ends)}
        return 2 * len(words & self.words) + 2 * len(compounds) + len(letters & self.letters)


def _language_of(name: str) -> str | None:
    """The language that has more of the words and letters of `name` than any other, or the script that is not Latin."""
    composed = unicodedata.normalize("NFC", name).lower()
    scripts = Counter(unicodedata.name(char, LATIN).split()[0].split("-")[0] for char in composed if char.isalpha())
    if scripts and scripts.most_common(1)[0][0] != LATIN:
        return scripts.most_common(1)[0][0].lower()
    words = {fold(word) for word in "".join(char if char.isalpha() else " " for char in composed).split()}
    points = {traits.code: traits.points(words, set(composed)) for traits in _traits()}
    best = max(points.values())
    leading = [code for code, of_language in points.items() if of_language == best]
    return leading[0] if best and len(leading) == 1 else None


def _is_compound(word: str, ends: tuple[str, ...]) -> bool:
    return word.endswith(ends) and word not in ends


@lru_cache
def _traits() -> tuple[_Traits, ...]:
    return tuple(_read_traits())


def _names() -> dict[str, str]:
    return {traits.code: traits.name for traits in _traits()}


def _read_traits() -> Iterator[_Traits]:
    for language in shipped_languages():
        words = (*language.name_words, *(language.full_text.stop_words or ()))
        letters = "".join(language.query.spellings) + ("ß" if language.code == "de" else "")
        ends = tuple(map(fold, language.compound_ends))
        yield _Traits(language.code, language.name, frozenset(map(fold, words)), frozenset(letters), ends)
    others = tomllib.loads(files("fashion_assets.shop.languages").joinpath("other_names.toml").read_text("utf-8"))
    for code, other in others.items():
        yield _Traits(code, other["name"], frozenset(map(fold, other["words"])), frozenset(other["letters"]))
