"""Missing values in every spelling that shops' tables have.

Three kinds of columns, since the same word may be a value in one and say "nothing" in another:

- `value` (colours, categories, prices, sizes, ...): every word below.
- `id` (ids, SKUs, group ids): what programs write, and dashes, but no words of people. Only the whole cell counts:
  `NA-1` is an id, `NA` is none.
- `name` (product names): only the empty cell, `NA`, `N/A`, spreadsheet errors, programs' null marks and dashes; a
  product may well be called "Null", "None", "Nan" or "Na", and a brand "Undefined".
"""

from collections.abc import Sequence
from typing import Literal

import polars as pl

Kind = Literal["value", "id", "name"]

ERRORS = (
    *("#n/a", "#n/a n/a", "#na", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#getting_data"),
    *("#spill!", "#calc!", "#field!", "#blocked!", "#connect!", "#unknown!", "#busy!", "#error!"),
    *("#nv", "#wert!", "#bezug!", "#zahl!"),  # German
    *("#valeur!", "#nom?", "#nombre!"),  # French
    *("#¡valor!", "#¡ref!", "#¡num!", "#¿nombre?", "#¡div/0!", "#valor!", "#nome?"),  # Spanish, Portuguese
)
"""What Excel, LibreOffice and Google Sheets write for an error, in lower case."""

NULL_MARKS = ("", "\\n", "(null)", "<null>", "[null]", "{null}", "<na>", "<none>", "(none)", "(empty)", "(blank)")
"""What databases and programs write that no person would; `\\N` is that of MySQL and PostgreSQL. In lower case."""

PROGRAM_WORDS = (
    *("na", "n/a", "n.a.", "n.a", "null", "nil", "none", "nan", "-nan", "+nan", "nat", "undefined"),
    *("1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
)
"""Missing values of programming languages, in lower case; a superset of what `pandas.read_csv` takes as missing."""

PEOPLES_WORDS = (
    *("not available", "not applicable", "not specified", "not set", "not given", "no value", "no data", "no info"),
    *("missing", "unspecified", "empty", "blank", "(not set)", "not provided", "no information"),
    *("k.a.", "k.a", "k. a.", "k/a", "keine angabe", "keine angaben", "ohne angabe", "o.a.", "o. a.", "fehlt"),
    *("nicht verfügbar", "nicht angegeben", "nicht vorhanden", "entfällt", "leer"),
    *("non disponible", "non renseigné", "non spécifié", "no disponible", "sin especificar", "non disponibile"),
    *("niet beschikbaar", "não disponível", "brak danych", "нет данных"),
)
"""What people type into a cell that they have nothing for, in lower case."""

NAME_NOTES = ("NA", "N/A", "n/a")
"""Not in other cases: a product may be called "Na"."""

DASHES = r"^[-‐‑‒–—―−﹣－_\s]+$"
SIGNS = r"^[-‐‑‒–—―−﹣－_\s.?¿/*~#]+$"
"""Cells that hold only signs; `####` is a spreadsheet's column that was too narrow."""

_WORDS: dict[Kind, tuple[str, ...]] = {
    "value": (*ERRORS, *NULL_MARKS, *PROGRAM_WORDS, *PEOPLES_WORDS),
    "id": (*ERRORS, *NULL_MARKS, *PROGRAM_WORDS),
    "name": (*ERRORS, *NULL_MARKS),
}


def missing_to_null(columns: str | Sequence[str], kind: Kind = "value") -> pl.Expr:
    """The String columns with null where the cell says that there is nothing; other cells as they are."""
    texts = pl.col(columns)
    return pl.when(~is_missing(texts, kind)).then(texts)


def is_missing(texts: pl.Expr, kind: Kind = "value") -> pl.Expr:
    """Whether a String cell of such a column says that there is nothing, as Boolean; null where the cell is null."""
    stripped = texts.str.strip_chars().str.strip_chars("\u200b\ufeff\0").str.strip_chars()
    is_word = stripped.str.to_lowercase().is_in(_WORDS[kind])
    if kind == "name":
        return is_word | stripped.is_in(NAME_NOTES) | stripped.str.contains(DASHES)
    return is_word | stripped.str.contains(SIGNS)
