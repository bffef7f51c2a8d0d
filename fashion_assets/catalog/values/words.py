"""Yes and no, availability, counts and years in the words of shops; what is not certain is null."""

import re
from collections.abc import Callable
from typing import Any

import polars as pl

from fashion_assets.catalog.values.distinct import read_distinct
from fashion_assets.shop.folding import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRUE = _words("true t yes y 1 1.0 on x ✓ ✔ ☑ ja j wahr oui vrai si sim vero verdadero verdadeiro tak да истина")
FALSE = _words("false f no n 0 0.0 off ✗ ✘ ☐ nein falsch non faux nao falso nee nej nie нет ложь")
"""Without accents, which are folded away: "sí" is "si"."""

PUBLISHED = _words(
    "publish published active activated live online visible enabled aktiv veroffentlicht sichtbar actif publie"
)
UNPUBLISHED = _words(
    "-1 -1.0 draft archived archive private pending hidden trash unlisted unpublished inactive disabled offline future "
    "auto-draft entwurf inaktiv archiviert versteckt brouillon inactif"
)
"""With WooCommerce's -1 for drafts."""

AVAILABILITY = {
    "in_stock": (
        *("in stock", "instock", "available", "in stock now", "limited availability", "limitedavailability"),
        *("low stock", "few left", "instoreonly", "onlineonly", "auf lager", "lager", "lagernd", "lieferbar"),
        *("sofort lieferbar", "verfugbar", "vorratig", "en stock", "disponible", "disponibile", "op voorraad"),
        *("i lager", "na stanie", "в наличии"),
    ),
    "out_of_stock": (
        *("out of stock", "outofstock", "sold out", "soldout", "unavailable", "not available", "discontinued", "oos"),
        *("not in stock", "currently unavailable", "nicht auf lager", "nicht lieferbar", "nicht verfugbar"),
        *("ausverkauft", "vergriffen", "nicht vorratig", "rupture de stock", "en rupture", "epuise", "agotado"),
        *("esaurito", "non disponibile", "no disponible", "niet op voorraad", "uitverkocht", "slut i lager"),
        *("нет в наличии",),
    ),
    "preorder": ("preorder", "pre order", "presale", "coming soon", "vorbestellbar", "vorbestellung", "precommande"),
    "backorder": (
        *("backorder", "back order", "onbackorder", "on backorder", "available on backorder"),
        *("nachbestellt", "lieferruckstand", "nachlieferbar"),
    ),
}
"""Google Merchant Center's four states by words without case, accents, `_` and `-`."""

_STATES = {word: state for state, words in AVAILABILITY.items() for word in words}

_COUNT = re.compile(r"([+-]?\d{1,15})(?:[.,]0{1,2})?")
_VAGUE_COUNT = re.compile(r"(?:>=?|over |more than |mehr als |uber )?\s*(\d{1,15})\s*\+?")
_FEW_LEFT = re.compile(r"(?:only |nur |noch )*(\d{1,15}) (?:left|available|in stock|auf lager|verfugbar|stuck|pcs)\b.*")

_PLAIN_YEAR = re.compile(r"(\d{4})(?:\.0+)?")
_FULL_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_SEASON_CODE = re.compile(r"(?:ss|aw|fw|fs|hw|pe|ai|s/s|a/w|f/w|h/w|p/e|a/i)[ '-]?(\d{2})")
"""Two digits after spring/summer or autumn/winter, in the trade's English, German, French and Italian letters."""


def read_booleans(texts: pl.Series) -> pl.Series:
    """Boolean, null where a String text is neither yes nor no."""
    return _read(texts, lambda word: True if word in TRUE else False if word in FALSE else None, pl.Boolean())


def read_published(texts: pl.Series) -> pl.Series:
    """Whether a product is to be seen in the shop, by a yes or no or by its state; null where that is not certain."""
    shown, hidden = TRUE | PUBLISHED, FALSE | UNPUBLISHED
    return _read(texts, lambda word: True if word in shown else False if word in hidden else None, pl.Boolean())


def read_availability(texts: pl.Series) -> pl.Series:
    """`in_stock`, `out_of_stock`, `preorder` or `backorder`, by words, a yes or no, or a count; else null."""
    return _read(texts, _availability, pl.String())


def read_counts(texts: pl.Series) -> pl.Series:
    """Int64 numbers of pieces; of "10+" and "> 10" the number named. Null for what is no whole number.

    `1,200` and `1.200` are null: systems of merchandise management write 1.2 pieces so.
    """
    return _read(texts, _count, pl.Int64())


def read_years(texts: pl.Series) -> pl.Series:
    """Int32 years: four digits, the only year of the 20th or 21st century in a text or date, or a season as `SS19`."""
    return _read(texts, _year, pl.Int32())


def _read(texts: pl.Series, read: Callable[[str], Any], dtype: pl.DataType) -> pl.Series:
    answers = read_distinct(texts, lambda text: (read(fold(text.strip())),), pl.Schema({"answer": dtype}))
    return answers["answer"].alias(texts.name)


def _availability(text: str) -> str | None:
    words = " ".join(re.sub(r"^https?://schema\.org/", "", text).replace("_", " ").replace("-", " ").split())
    words = words.rstrip(".!")
    if words in _STATES:
        return _STATES[words]
    count = _count(text)
    if count is None and (few := _FEW_LEFT.fullmatch(words)):
        count = int(few[1])
    if count is None and text in TRUE | FALSE:
        count = int(text in TRUE)
    return None if count is None else "in_stock" if count > 0 else "out_of_stock"


def _count(text: str) -> int | None:
    match = _COUNT.fullmatch(text) or _VAGUE_COUNT.fullmatch(text)
    return int(match[1]) if match else None


def _year(text: str) -> int | None:
    if plain := _PLAIN_YEAR.fullmatch(text):
        return int(plain[1])
    if code := _SEASON_CODE.fullmatch(text):
        return 2000 + int(code[1])
    years = set(_FULL_YEAR.findall(text))
    return int(years.pop()) if len(years) == 1 else None
