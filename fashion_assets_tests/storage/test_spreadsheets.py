"""CSV files for spreadsheets: no text is a formula, and each is as it was when it is read again."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.storage.spreadsheets import for_spreadsheets, from_spreadsheets

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "'", " ", "\uff1d", "a", "1"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+49 30", "'+49 30"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("'=1", "''=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("'tis", "'tis"),
        ("", ""),
        (None, None),
    ],
)
def test_formulas_get_an_apostrophe(text, written):
    rows = pl.DataFrame({"text": [text], "number": [-1]}, schema={"text": pl.String, "number": pl.Int64})
    shown = for_spreadsheets(rows)
    assert shown.rows() == [(written, -1)]
    assert from_spreadsheets(shown).equals(rows)


@given(st.lists(st.sampled_from(STARTS), max_size=6).map("".join))
def test_every_text_comes_back(text):
    rows = pl.DataFrame({"text": [text]})
    shown = for_spreadsheets(rows)
    assert not shown["text"].item().lstrip()[:1] or shown["text"].item().lstrip()[0] not in "=+-@\uff1d"
    assert from_spreadsheets(shown).equals(rows)
