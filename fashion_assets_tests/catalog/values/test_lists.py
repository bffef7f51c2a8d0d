import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.values.lists import split_photos, split_sizes

A, B = "https://cdn.example.com/a.jpg", "https://cdn.example.com/b?id=2"


def photos(text: str | None, separator: str | None = None):
    return split_photos(pl.Series([text], dtype=pl.String), separator).to_list()[0]


@pytest.mark.parametrize("between", [",", ", ", ";", "|", " | ", "\n", "\r\n", " ", " ,\n"])
def test_addresses_are_separated_by_any_sign(between):
    assert photos(f"{A}{between}{B}") == [A, B]
    assert photos(f"{B}{between}{A}") == [B, A]


@pytest.mark.parametrize("between", [",", ", ", ";", "|", " | ", "\n"])
def test_paths_are_separated_by_any_sign(between):
    assert photos(f"images/1.jpg{between}images/2.PNG") == ["images/1.jpg", "images/2.PNG"]


@pytest.mark.parametrize(
    "text",
    [
        "https://cdn.example.com/w_100,h_100/a.jpg",
        "https://cdn.example.com/a.jpg?size=100,200&v=1;2",
        "images/Shirt, red.jpg",
        "images/Shirt; red, blue.jpg",
        "images/my photo.jpg",
        "https://cdn.example.com/photo",
        "//cdn.example.com/a.jpg",
    ],
)
def test_signs_within_an_address_or_a_name_separate_nothing(text):
    assert photos(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("img/Shirt, red.jpg, img/Shirt, blue.jpg", ["img/Shirt, red.jpg", "img/Shirt, blue.jpg"]),
        (f"https://cdn.example.com/w_1,h_2/a.jpg, {A}", ["https://cdn.example.com/w_1,h_2/a.jpg", A]),
        ("//cdn.example.com/a.jpg,//cdn.example.com/b.jpg", ["//cdn.example.com/a.jpg", "//cdn.example.com/b.jpg"]),
        (f"{A},{A}", [A]),
        ("a.jpg, null, ", ["a.jpg"]),
        ("a.jpg,,-,b.jpg", ["a.jpg", "b.jpg"]),
        ("['a.jpg', 'b.jpg']", ["a.jpg", "b.jpg"]),
        ('["https:\\/\\/cdn.example.com\\/a.jpg"]', [A]),
        ('[{"src": "a.jpg"}, {"url": "b.jpg"}, null, {}]', ["a.jpg", "b.jpg"]),
        ("[broken", ["[broken"]),
        ("[]", None),
        ("", None),
        ("N/A", None),
        (None, None),
    ],
)
def test_cells_of_photos(text, expected):
    assert photos(text) == expected


def test_a_given_separator_is_the_only_one():
    assert photos("a,1.jpg|b;2.jpg", "|") == ["a,1.jpg", "b;2.jpg"]
    assert photos("IMG_1, IMG_2", ",") == ["IMG_1", "IMG_2"]
    assert photos("a.jpg b.jpg", " ") == ["a.jpg", "b.jpg"]
    assert photos(f"https://cdn.example.com/w_1,h_2/a.jpg,{A}", ",") == ["https://cdn.example.com/w_1,h_2/a.jpg", A]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("S, M, L", ["S", "M", "L"]),
        ("38,40|42", ["38", "40", "42"]),
        ("36,5", ["36,5"]),
        ("35,5, 36;36,5", ["35,5", "36", "36,5"]),
        ("4,5,6", ["4", "5", "6"]),
        ("S/M", ["S/M"]),
        ("['S', 'M']", ["S", "M"]),
        ("One Size", ["One Size"]),
        ("-", None),
    ],
)
def test_sizes(text, sizes):
    assert split_sizes(pl.Series([text])).to_list() == [sizes]


names = st.text("abc_-1, ;", min_size=1, max_size=8).map(lambda name: f"x{name}y".replace("\n", ""))


@pytest.mark.long_form
@given(st.lists(names, min_size=1, max_size=5, unique=True), st.sampled_from(["", "img/", "https://cdn.example.com/"]))
def test_files_come_back_from_every_spelling_of_a_list(names, folder):
    files = [f"{folder}{name}.jpg" for name in names]
    assert (
        photos("|".join(files)) == photos(json.dumps(files)) == photos(str(files)) == photos("\n".join(files)) == files
    )
    assert photos(", ".join(files)) == files


@pytest.mark.long_form
@given(
    st.text(st.sampled_from([*"[]{}\"'\\,;|: \nab/.", "é"]), max_size=14), st.sampled_from([None, ",", ";", "|", " "])
)
def test_no_text_raises(text, separator):
    assert all(photos(text, separator) or ["none"])
    assert len(split_sizes(pl.Series([text]))) == 1
