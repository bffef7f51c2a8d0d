"""Amounts written as any country writes them come back, and nothing that a cell may hold raises."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.values.prices import DecimalEvidence, read_prices

pytestmark = pytest.mark.long_form

GROUPING = [*[(group, ".") for group in ("", ",", "'", "’", " ", "\u00a0", "\u2009", "\u202f", "indian")]]
GROUPING += [(group, ",") for group in ("", ".", "'", " ", "\u00a0", "\u202f")]
CURRENCIES = [
    *[("", "", None), ("€", "", "EUR"), ("", " €", "EUR"), ("EUR ", "", "EUR"), ("", "\u00a0EUR", "EUR")],
    *[("$", "", "USD"), ("US$ ", "", "USD"), ("Rs. ", "", "INR"), ("Rs.", "", "INR"), ("₹\u202f", "", "INR")],
    *[("CHF ", "", "CHF"), ("", " kr", "kr"), ("£", "", "GBP"), ("", " zł", "PLN"), ("R$ ", "", "BRL")],
]


def grouped(whole: int, group: str) -> str:
    if group != "indian":
        return f"{whole:,}".replace(",", group)
    head, tail = divmod(whole, 1000)
    if not head:
        return str(whole)
    pairs = []
    while head:
        head, pair = divmod(head, 100)
        pairs.append(f"{pair:02}")
    return ",".join([*reversed(pairs), f"{tail:03}"]).lstrip("0")


def written(cents: int, style: tuple[str, str], currency: tuple[str, str, str | None], *, has_cents: bool) -> str:
    before, after, _ = currency
    decimals = f"{style[1]}{cents % 100:02}" if has_cents else ""
    return f"{before}{grouped(cents // 100, style[0])}{decimals}{after}"


styles, currencies = st.sampled_from(GROUPING), st.sampled_from(CURRENCIES)
columns_of_cents = st.lists(st.integers(0, 10**11), min_size=1, max_size=8)


@given(columns_of_cents, styles, currencies, st.booleans(), st.integers(0, 8))
def test_a_column_in_any_style_reads_back_the_same(column, style, currency, has_cents, part):
    texts = pl.Series([written(cents, style, currency, has_cents=has_cents) for cents in column])
    evidence = DecimalEvidence()
    evidence.add(texts.head(part))
    evidence.add(texts.slice(part))
    prices = read_prices(texts, evidence.decided())
    assert prices["amount"].to_list() == [cents / 100 if has_cents else cents // 100 for cents in column]
    assert set(prices["currency"]) == {currency[2]}
    assert evidence.contradictions == 0


@given(st.lists(st.tuples(st.integers(0, 10**9), styles, currencies), min_size=1, max_size=8), st.sampled_from(".,"))
def test_prices_with_cents_do_not_depend_on_the_column(column, decimal):
    texts = pl.Series([written(*price, has_cents=True) for price in column])
    assert read_prices(texts, decimal)["amount"].to_list() == [cents / 100 for cents, _, _ in column]


@given(st.integers(0, 10**6), st.integers(0, 10**6), styles, currencies, st.sampled_from([" - ", "–", " bis ", " to "]))
def test_of_any_range_the_lowest(first, second, style, currency, between):
    texts = between.join(written(cents, style, currency, has_cents=True) for cents in (first, second))
    price = read_prices(pl.Series([texts]), ".").row(0, named=True)
    assert (price["amount"], price["currency"], price["is_range"]) == (min(first, second) / 100, currency[2], True)


pieces = st.sampled_from([*"0123456789.,-' ()€$%+/:eE", "Rs.", "EUR", "from ", " - ", "free", "kr", "\u202f", "٣", "²"])


@given(st.lists(st.lists(pieces, max_size=8).map("".join) | st.text(max_size=12) | st.none(), max_size=8))
def test_no_text_raises_and_every_row_has_an_amount_a_problem_or_nothing(texts):
    column = pl.Series(texts, dtype=pl.String)
    evidence = DecimalEvidence()
    evidence.add(column)
    prices = read_prices(column, evidence.decided())
    assert len(prices) == len(texts)
    for text, price in zip(texts, prices.iter_rows(named=True), strict=True):
        assert (price["amount"] is not None) + (price["problem"] is not None) <= 1
        assert price["amount"] is None or any(char.isdecimal() for char in text) or price["amount"] == 0
        assert price["is_negative"] == (price["amount"] is not None and price["amount"] < 0)
        assert price["amount"] is None or abs(price["amount"]) < float("inf")
