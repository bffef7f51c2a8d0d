import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.values.words import (
    read_availability,
    read_booleans,
    read_counts,
    read_published,
    read_years,
)

READERS = (read_booleans, read_published, read_availability, read_counts, read_years)


def one(read, text):
    return read(pl.Series([text])).item()


@pytest.mark.parametrize("text", ["true", "TRUE", "1", "1.0", "yes", "Ja", "wahr", "x", "sí", "Y", " on "])
def test_yes(text):
    assert one(read_booleans, text) is True


@pytest.mark.parametrize("text", ["false", "0", "0.0", "No", "nein", "falsch", "N", "não", "off"])
def test_no(text):
    assert one(read_booleans, text) is False


@pytest.mark.parametrize("text", ["", "maybe", "2", "-1", "10", "yes and no"])
def test_neither_yes_nor_no(text):
    assert one(read_booleans, text) is None


@pytest.mark.parametrize(
    ("text", "is_published"),
    [
        *[("active", True), ("Published", True), ("1", True), ("TRUE", True), ("Veröffentlicht", True)],
        *[("draft", False), ("Archived", False), ("-1", False), ("0", False), ("Entwurf", False)],
        *[("", None), ("soon", None)],
    ],
)
def test_whether_a_product_is_published(text, is_published):
    assert one(read_published, text) is is_published


@pytest.mark.parametrize(
    ("text", "state"),
    [
        *[
            (text, "in_stock")
            for text in ("in stock", "InStock", "in_stock", "In-Stock", "3", "10+", "only 3 left", "yes")
        ],
        *[(text, "in_stock") for text in ("Auf Lager", "https://schema.org/InStock", "Verfügbar", "noch 2 verfügbar")],
        *[
            (text, "out_of_stock")
            for text in ("out of stock", "outofstock", "0", "-2", "Sold out!", "Ausverkauft", "no")
        ],
        *[(text, "out_of_stock") for text in ("Nicht auf Lager", "épuisé", "only 0 left")],
        *[
            ("preorder", "preorder"),
            ("Pre-Order", "preorder"),
            ("onbackorder", "backorder"),
            ("Vorbestellbar", "preorder"),
        ],
        *[("", None), ("perhaps", None), ("1,200", None)],
    ],
)
def test_availability(text, state):
    assert one(read_availability, text) == state


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12", 12),
        ("12.0", 12),
        ("0", 0),
        ("-3", -3),
        ("10+", 10),
        ("> 10", 10),
        ("1,200", None),
        ("12.5", None),
        ("many", None),
    ],
)
def test_counts(text, count):
    assert one(read_counts, text) == count


@pytest.mark.parametrize(
    ("text", "year"),
    [
        *[("2019", 2019), ("2019.0", 2019), ("2019-05-01", 2019), ("01.05.2019", 2019), ("Summer 2019", 2019)],
        *[("SS19", 2019), ("FW 2020", 2020), ("AW'21", 2021), ("H/W 22", 2022)],
        *[("2019/2020", None), ("19", None), ("20190501", None), ("ss", None), ("", None), ("XS19", None)],
    ],
)
def test_years(text, year):
    assert one(read_years, text) == year


def test_columns_keep_order_nulls_and_name():
    column = pl.Series("stock", ["3", None, "0", "3"])
    assert read_counts(column).equals(pl.Series("stock", [3, None, 0, 3]), check_names=True)
    assert read_years(pl.Series([2019.0, None])).to_list() == [2019, None]


@pytest.mark.long_form
@given(st.lists(st.text(max_size=12) | st.from_regex(r"[+-]?\d{1,20}[.,+]?\d{0,3}", fullmatch=True), max_size=6))
def test_no_text_raises(texts):
    column = pl.Series(texts, dtype=pl.String)
    assert [len(read(column)) for read in READERS] == [len(texts)] * len(READERS)
