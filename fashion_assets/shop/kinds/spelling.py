"""Spellings of a word that mean the same: case, accents, umlauts, hyphens and number. Which word means what is data."""

import re
from collections.abc import Iterable
from functools import lru_cache

from fashion_assets.shop.folding import fold

_TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_APOSTROPHE = re.compile(r"['’‘`´]s?\b")
_BETWEEN_WORDS = re.compile(r"(?<!\d)/|/(?!\d)")
_WORD = re.compile(r"[^\W_]+")
_GERMAN_PLURALS = {
    "anzug": ("anzuge", "anzuege"),
    "ball": ("balle", "baelle"),
    "band": ("bander", "baender"),
    "hut": ("hute", "huete"),
    "kleid": ("kleider",),
    "knopf": ("knopfe", "knoepfe"),
    "mantel": ("mantel", "maentel"),
    "rock": ("rocke", "roecke"),
    "sack": ("sacke", "saecke"),
    "strumpf": ("strumpfe", "struempfe"),
    "tuch": ("tucher", "tuecher"),
}
"""Plurals of the last parts of compounds with an umlaut, in both spellings of it, or with an ending of their own."""
_SIBILANT = ("s", "x", "z", "ch", "sh")


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text`, folded: "Men's T-Shirts & Tops" gives ("men", "t", "shirts", "and", "tops")."""
    plain = _APOSTROPHE.sub("", fold(text)).replace("&", " and ").replace("+", " and ")
    plain = _BETWEEN_WORDS.sub(" and ", plain)
    words: list[str] = _WORD.findall(plain)
    return tuple("and" if word == "und" else word for word in words)


def key_of(words: Iterable[str]) -> str:
    """What two spellings of a phrase have in common, be it written in one word, in two, or with a hyphen."""
    return "".join(words)


@lru_cache(maxsize=16_384)
def key(text: str) -> str:
    return key_of(words_of(text))


def spelled(text: str) -> set[tuple[str, ...]]:
    """The words of a text in each spelling of its umlauts: "Gürtel" gives ("gurtel",) and ("guertel",)."""
    return {words_of(text), words_of(text.translate(_TRANSLITERATED))}


def english_keys(phrase: str, *, pairs: frozenset[str] = frozenset(), both_numbers: bool = False) -> set[str]:
    """Keys of an English phrase, with the regular plural of its last word.

    Its singular is there too for `pairs` ("pants"), or wherever the phrase is in the plural with `both_numbers`.
    """
    *first, last = words_of(phrase)
    forms = {last}
    if both_numbers or last in pairs:
        forms |= _singulars(last)
    forms |= {plural for form in tuple(forms) if form != last or not last.endswith("s") for plural in _plurals(form)}
    if last.endswith("ss"):
        forms |= _plurals(last)
    return {key_of((*first, form)) for form in forms}


def german_keys(phrase: str) -> set[str]:
    """Keys of a German phrase, with the plurals of its last word."""
    return {key_of((*first, form)) for *first, last in spelled(phrase) for form in _german_forms(last)}


def _plurals(word: str) -> set[str]:
    if word.endswith("y") and word[-2:-1] not in ("a", "e", "o", "u"):
        return {word[:-1] + "ies"}
    if word.endswith(_SIBILANT):
        return {word + "es"}
    if word.endswith("f"):
        return {word + "s", word[:-1] + "ves"}
    return {word + "s"}


def _singulars(word: str) -> set[str]:
    if word.endswith("ies") and len(word) > 4:
        return {word[:-3] + "y", word[:-1]}
    if word.endswith("ves"):
        return {word[:-3] + "f", word[:-1]}
    if word.endswith("es") and word[:-2].endswith(_SIBILANT):
        return {word[:-2], word[:-1]}
    if word.endswith("s") and not word.endswith("ss"):
        return {word[:-1]}
    return {word}


def _german_forms(word: str) -> set[str]:
    """The word and its plurals, those of frequent last parts of compounds and the regular ones."""
    for last, plurals in _GERMAN_PLURALS.items():
        if word.endswith(last):
            return {word, *(word.removesuffix(last) + plural for plural in plurals)}
    if word.endswith("e"):
        return {word, word + "n"}
    if word.endswith(("el", "er", "en", "s")):
        return {word}
    if word.endswith(("a", "i", "o", "u", "y")):
        return {word, word + "s"}
    return {word, word + "e", word + "en"}
