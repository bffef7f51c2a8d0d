"""A column of prices: which sign is the decimal one, and what the prices are.

Most prices show their decimal sign themselves (`49,90`, `1.299,00`) and are read by their own form. Those that do not
(`1,299`) are read by the sign that the whole column shows. A column in which no price shows it has thousands signs,
since prices seldom have three decimals, unless they are in a currency that has three (`KWD 1.250`).
"""

import re
from collections import Counter
from functools import partial
from typing import Literal

import polars as pl

from fashion_assets.catalog.values.amounts import Sign
from fashion_assets.catalog.values.distinct import read_distinct
from fashion_assets.catalog.values.missing import missing_to_null
from fashion_assets.catalog.values.price_texts import PriceText, read_price

THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies of a thousand parts by ISO 4217; without IQD, whose parts are no longer in use."""

LONGEST_SHOWN = 80
"""Characters of a text that a problem shows."""

PRICES = pl.Schema(
    {
        "amount": pl.Float64,
        "currency": pl.String,
        "is_range": pl.Boolean,
        "is_negative": pl.Boolean,
        "problem": pl.String,
    }
)


_Strength = Literal["form", "currency", "habit"]
_STRENGTHS: tuple[_Strength, ...] = ("form", "currency", "habit")


class DecimalEvidence:
    """What the prices of a column, added in any number of parts, say about its decimal sign.

    A price speaks by its form if that shows the sign (`49,90`), else by its currency if that has two decimals or three
    (`1.299 €`), else by habit, as thousands are more frequent in prices than three decimals (`1,299`).
    """

    def __init__(self) -> None:
        self._rows: Counter[tuple[_Strength, Sign]] = Counter()

    def add(self, texts: pl.Series) -> None:
        """Take the prices of a part into account, as String; numbers and what is no price say nothing."""
        if texts.dtype.is_numeric():
            return
        for text, rows in _present(texts).drop_nulls().value_counts().iter_rows():
            price = read_price(text)
            if vote := price and _vote(price):
                self._rows[vote] += rows

    def decided(self) -> Sign:
        """The column's decimal sign; the point where nothing speaks for either."""
        leads = (self._lead(strength) for strength in _STRENGTHS)
        return "," if next(filter(None, leads), 0) < 0 else "."

    @property
    def is_shown(self) -> bool:
        """Whether any price depends on the sign or shows it."""
        return self._rows.total() > 0

    @property
    def is_ambiguous(self) -> bool:
        """Whether prices depend on the sign, and it is decided by habit alone."""
        by_habit = self._rows["habit", "."] + self._rows["habit", ","]
        return by_habit > 0 and self._lead("form") == self._lead("currency") == 0

    @property
    def contradictions(self) -> int:
        """The rows whose form shows the other sign; they are read by it all the same."""
        return min(self._rows["form", "."], self._rows["form", ","])

    def _lead(self, strength: _Strength) -> int:
        """How many rows more speak for the point than for the comma."""
        return self._rows[strength, "."] - self._rows[strength, ","]


def _vote(price: PriceText) -> tuple[_Strength, Sign] | None:
    if price.amount.evidence:
        return "form", price.amount.evidence
    if not price.amount.is_open:
        return None
    is_grouped_by_comma = abs(price.amount.if_point) > abs(price.amount.if_comma)
    is_point = is_grouped_by_comma != (price.currency in THREE_DECIMALS)
    is_code = price.currency is not None and re.fullmatch("[A-Z]{3}", price.currency)
    return "currency" if is_code else "habit", "." if is_point else ","


def read_prices(texts: pl.Series, decimal: Sign) -> pl.DataFrame:
    """The prices of a column, String or a number, a row each in its order, with columns as PRICES.

    `amount` is null where the text is missing or no price, which `problem` says; of a range it is the lowest.
    `currency` is an ISO 4217 code where it is certain, else the sign as written. `decimal` decides prices that do not
    show their decimal sign themselves.
    """
    if texts.dtype.is_numeric():
        texts, decimal = texts.cast(pl.String), "."
    prices = read_distinct(_present(texts), partial(_read, decimal=decimal), PRICES)
    return prices.with_columns(pl.col("is_range", "is_negative").fill_null(value=False))


def _present(texts: pl.Series) -> pl.Series:
    column = texts.cast(pl.String).to_frame("text")
    return column.select(missing_to_null("text"))["text"]


def _read(text: str, decimal: Sign) -> tuple[float | None, str | None, bool, bool, str | None]:
    price = read_price(text)
    if price is None:
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
        return None, None, False, False, f"'{shown}' is not a price"
    amount = price.amount.by(decimal)
    return amount, price.currency, price.is_range, amount < 0, None
