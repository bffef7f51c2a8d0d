import posixpath

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.values.photo_templates import photo_template_columns, render_photo_paths
from fashion_assets.errors import SettingsError

COLUMNS = pl.DataFrame({"id": ["0108775015", "7"], "Variant: SKU": ["HS-1 BL", None], "number": [108, 7]})


def paths(template: str, columns: pl.DataFrame = COLUMNS) -> list[str | None]:
    return render_photo_paths(template, columns)["path"].to_list()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("images/{id}.jpg", ["images/0108775015.jpg", "images/7.jpg"]),
        ("images/{id:.3}/{id}.jpg", ["images/010/0108775015.jpg", "images/7/7.jpg"]),
        ("{number:010}.jpg", ["0000000108.jpg", "0000000007.jpg"]),
        ("{number:_>4}{number:x<4}.jpg", ["_108108x.jpg", "___77xxx.jpg"]),
        ("{id:03.2}.jpg", ["001.jpg", "007.jpg"]),
        ("/{Variant: SKU}.jpg", ["HS-1 BL.jpg", None]),
        ("{{a}}/{number}.jpg", ["{a}/108.jpg", "{a}/7.jpg"]),
        ("https://example.com/{Variant: SKU}/{id}.jpg", ["https://example.com/HS-1%20BL/0108775015.jpg", None]),
    ],
)
def test_paths_from_any_columns(template, expected):
    assert paths(template) == expected


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("images/{numbr}.jpg", "'numbr' is none of the columns Variant: SKU, id, number; write {number}"),
        ("images/{}.jpg", "'' is none of the columns"),
        ("images/1.jpg", "it names no column"),
        ("images/{id", "its brackets cannot be read"),
        ("images/{id!r}.jpg", "the format 'r' of 'id' is not understood"),
        ("images/{id:%Y}.jpg", "the format '%Y' of 'id' is not understood"),
    ],
)
def test_a_template_that_cannot_work_is_refused(template, rule):
    with pytest.raises(SettingsError, match="but ") as refused:
        render_photo_paths(template, COLUMNS)
    assert rule in str(refused.value)
    assert refused.value.value == f"The photo path is '{template}'"


def test_the_columns_that_a_template_needs():
    assert photo_template_columns("{id:.3}/{Variant: SKU}/{id}.jpg", COLUMNS.columns) == ["id", "Variant: SKU"]


def test_a_value_that_would_leave_the_folder_gives_a_reason_to_its_row_only():
    columns = pl.DataFrame({"id": ["../x", "..", "a/b", "..\\x", None, "", "ok"]})
    places = render_photo_paths("images/{id}/1.jpg", columns)
    assert places["path"].to_list() == [None, None, "images/a/b/1.jpg", None, None, None, "images/ok/1.jpg"]
    assert places["reason"].to_list() == [
        "photo path 'images/../x/1.jpg' leaves its folder",
        "photo path 'images/../1.jpg' leaves its folder",
        None,
        "photo path 'images/..\\x/1.jpg' leaves its folder",
        None,
        None,
        None,
    ]


values = st.text(st.sampled_from([*"a./\\: 0", "é"]), max_size=6)


@pytest.mark.long_form
@given(values, values)
def test_no_value_leads_out_of_the_folder(first, second):
    path = paths("images/{a:.3}/{b}.jpg", pl.DataFrame({"a": [first], "b": [second]}))[0]
    assert path is None or posixpath.normpath(path).startswith("images/")
