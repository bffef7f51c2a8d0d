"""Texts in CSV files that people open in spreadsheets, which take some texts for formulas and run them.

The rule is OWASP's (CSV Injection): what begins with = + - @, a tab or an end of line gets an apostrophe in front.
"""

import polars as pl

_FORMULA = r"^('*\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n])"
"""Apostrophes that stand there already are part of it, so that `from_spreadsheet` takes away the right one."""


def for_spreadsheets(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with its texts such that none is a formula; numbers stay as they are."""
    return rows.with_columns(pl.col(pl.String).str.replace(_FORMULA, "'$1"))


def from_spreadsheets(rows: pl.DataFrame) -> pl.DataFrame:
    """The texts that `for_spreadsheets` was given."""
    return rows.with_columns(pl.col(pl.String).str.replace(f"^'{_FORMULA[1:]}", "$1"))
