import polars as pl
import pytest

from fashion_assets.catalog.values.missing import missing_to_null

EVERYWHERE = [
    *("", "  ", "#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NV", "#BEZUG!", "(null)", "<NA>", "\\N"),
    *("-", "--", "—", "–", " - ", "NA", "N/A", "n/a", "\u00a0", "\ufeff"),
]
NOT_FOR_NAMES = ["None", "NULL", "null", "NaN", "nan", "Undefined", "nil", "NaT", "n.a.", "?", "...", "####", "na"]
ONLY_FOR_VALUES = ["not available", "Not Applicable", "k.A.", "keine Angabe", "NON DISPONIBLE", "Missing"]
NOWHERE = [
    "Nano",
    "Nautical",
    "NA-1",
    "NA-KD",
    "0",
    "No",
    "Noner",
    "unknown",
    "#1 Dad",
    "#FFF",
    "A-",
    "-5",
    "False",
    "K",
]


def kept(texts: list[str], kind) -> list[str]:
    return pl.DataFrame({"text": texts}).select(missing_to_null("text", kind))["text"].drop_nulls().to_list()


@pytest.mark.parametrize("kind", ["value", "id", "name"])
def test_what_is_missing_in_every_column_and_what_in_none(kind):
    assert kept(EVERYWHERE, kind) == []
    assert kept(NOWHERE, kind) == NOWHERE


def test_a_product_may_be_called_null():
    assert kept(NOT_FOR_NAMES, "name") == NOT_FOR_NAMES
    assert kept(NOT_FOR_NAMES, "id") == kept(NOT_FOR_NAMES, "value") == []


def test_what_people_write_is_missing_among_values():
    assert kept(ONLY_FOR_VALUES, "value") == []
    assert kept(ONLY_FOR_VALUES, "id") == kept(ONLY_FOR_VALUES, "name") == ONLY_FOR_VALUES


def test_several_columns_keep_their_names_their_nulls_and_their_spaces():
    frame = pl.DataFrame({"color": [" Red ", "-", None], "size": ["None", "M", "N/A"]})
    assert frame.select(missing_to_null(["color", "size"])).to_dict(as_series=False) == {
        "color": [" Red ", None, None],
        "size": [None, "M", None],
    }
