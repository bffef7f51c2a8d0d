"""Texts of a shop without what only computers need: HTML, entities, invisible characters, irregular spaces."""

from functools import partial

import polars as pl

from fashion_assets.catalog.values.distinct import read_distinct
from fashion_assets.catalog.values.markup import MARKUP, without_markup

LITERAL_NEWLINE = r"\\r\\n|\\n"
"""A backslash and a letter, which WooCommerce and some databases export for the end of a line."""

_CONTROLS = r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
"""Control characters but those that separate: tab, ends of lines and pages, U+001C to U+001F, U+0085."""

_MAY_BE_UNCLEAN = r"[^\x20-\x7e]|[<&\\]|  |^ | $"
"""Plain ASCII in single spaces, without what begins markup or an escape, is clean, and most texts are of that kind."""

_SPACES = r"[\s\x1c-\x1f]+"

_INVISIBLE = (
    r"[\u{ad}\u{180e}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2064}\u{2066}-\u{206f}\u{feff}"
    r"\u{fff9}-\u{fffb}]"
)
"""Soft hyphens, zero-width spaces, marks of the writing direction and the like."""

_JOINERS = r"[\u{200c}\u{200d}]+"
_NEEDS_NO_JOINER = r"[\x{0}-\u{58f}\s]"
"""Characters of Latin, Greek, Cyrillic and Armenian; Persian and Indic words and emoji keep their joiners."""


def clean_texts(texts: pl.Series, *, is_html: bool | None = None) -> pl.Series:
    """String texts in one line of NFC, with tags and entities as text; null where nothing remains. Idempotent.

    Only what is HTML's is touched: "Shirt <3 you", "A < B & C" and "R&B" stay. What was escaped several times is read
    as such. A literal `\\n` becomes a space. `is_html` says that the column holds HTML, so that elements that HTML
    does not have are tags too, or (False) that it does not, so that tags, entities and `\\n` are text.
    """
    has_markup = is_html is not False
    whole = texts.to_frame("text").with_row_index("row")
    column = whole.filter(pl.col("text").str.contains(_MAY_BE_UNCLEAN))
    column = column.with_columns(_in_one_line("text", has_markup=has_markup))
    rounds, waiting = [whole, column], column if has_markup else column.clear()
    while len(waiting):
        waiting = _simpler(waiting, any_element=is_html is True)
        rounds.append(waiting)
    cleaned = pl.concat(rounds).unique("row", keep="last").sort("row")["text"]
    return cleaned.replace("", None).alias(texts.name)


def _simpler(rows: pl.DataFrame, *, any_element: bool) -> pl.DataFrame:
    """Those of the rows that lose markup, which may show more where characters are left out of it."""
    rows = rows.filter(pl.col("text").str.contains(MARKUP))
    read = partial(without_markup, any_element=any_element)
    simpler = read_distinct(rows["text"], lambda text: (read(text),), pl.Schema({"simpler": pl.String}))
    rows = rows.hstack(simpler.select(_in_one_line("simpler", has_markup=True)))
    return rows.filter(pl.col("simpler") != pl.col("text")).select("row", text="simpler")


def _in_one_line(name: str, *, has_markup: bool) -> pl.Expr:
    text = pl.col(name).str.replace_all(_CONTROLS, "").str.replace_all(_INVISIBLE, "")
    text = text.str.replace_all(rf"(^|{_NEEDS_NO_JOINER}){_JOINERS}", "${1}")
    text = text.str.replace_all(rf"{_JOINERS}({_NEEDS_NO_JOINER}|$)", "${1}").str.normalize("NFC")
    if has_markup:
        text = text.str.replace_all(LITERAL_NEWLINE, " ")
    return text.str.replace_all(_SPACES, " ").str.strip_chars()
