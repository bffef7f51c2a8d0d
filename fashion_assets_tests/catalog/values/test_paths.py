import posixpath

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.values.paths import PLACES, photo_paths


def place(text: str | None, root: str | None = None) -> tuple:
    return photo_paths(pl.Series([text], dtype=pl.String), root=root).row(0)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("images/1.jpg", "images/1.jpg"),
        ("/h/a/1.jpg", "h/a/1.jpg"),
        ("./1.jpg", "1.jpg"),
        ("images\\a\\1.jpg", "images/a/1.jpg"),
        ("\\images\\1.jpg", "images/1.jpg"),
        ("//images/1.jpg", "images/1.jpg"),
        ("a/./b//../1.jpg", "a/1.jpg"),
        (" Größe, rot.jpg ", "Größe, rot.jpg"),
        ("shirt: red.jpg", "shirt: red.jpg"),
        ("www.jpg", "www.jpg"),
        ("...jpg", "...jpg"),
        ("a..b/1.jpg", "a..b/1.jpg"),
    ],
)
def test_paths_lie_below_the_photos_folder(text, path):
    assert place(text) == (path, False, None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://cdn.example.com/a b.jpg?v=1,2", "https://cdn.example.com/a b.jpg?v=1,2"),
        ("HTTP://example.com:8080/1.jpg", "HTTP://example.com:8080/1.jpg"),
        ("//cdn.example.com/1.jpg", "https://cdn.example.com/1.jpg"),
        ("//localhost:8000/1.jpg", "https://localhost:8000/1.jpg"),
        ("www.example.com/1.jpg", "https://www.example.com/1.jpg"),
        ("https://example.com/?a=1&amp;b=2", "https://example.com/?a=1&b=2"),
        ("http://[::1]:80/1.jpg", "http://[::1]:80/1.jpg"),
        ("https:\\\\cdn.example.com\\1.jpg", "https://cdn.example.com/1.jpg"),
    ],
)
def test_addresses_are_complete(text, address):
    assert place(text) == (address, True, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("../1.jpg", "photo path '../1.jpg' leaves the photos folder"),
        ("/a/../../1.jpg", "photo path '/a/../../1.jpg' leaves the photos folder"),
        ("..\\1.jpg", "photo path '..\\1.jpg' leaves the photos folder"),
        (
            "C:\\photos\\1.jpg",
            "photo path 'C:\\photos\\1.jpg' is on a drive of its own; it must lie below the photos folder",
        ),
        (
            "\\\\nas\\a\\1.jpg",
            "photo path '\\\\nas\\a\\1.jpg' is on another computer; it must lie below the photos folder",
        ),
        (
            "file:///1.jpg",
            "photo path 'file:///1.jpg' is an address of the scheme 'file'; only http and https are fetched",
        ),
        ("S3://b/1.jpg", "photo path 'S3://b/1.jpg' is an address of the scheme 's3'; only http and https are fetched"),
        (
            "data:image/png;base64,AA",
            "photo path 'data:image/png;base64,AA' is an address of the scheme 'data'; only http and https are fetched",
        ),
        ("https://", "photo path 'https://' is an address without a host"),
        ("http:/a.jpg", "photo path 'http:/a.jpg' is an address without a host"),
        ("a\0b.jpg", "photo path 'a?b.jpg' holds a control character"),
        ("/", "photo path '/' names no file"),
        ("ä" * 130, f"photo path '{'ä' * 80}...' has a name of more than 255 bytes, which no file has"),
    ],
)
def test_a_path_that_cannot_be_used_has_its_reason(text, reason):
    assert place(text) == (None, False, reason)


def test_the_name_of_a_file_may_have_255_bytes():
    assert place("ä" * 127 + "x") == ("ä" * 127 + "x", False, None)


def test_rows_stand_for_themselves():
    places = photo_paths(pl.Series(["a.jpg", None, "../b.jpg", "", "a.jpg", "https://example.com/c"]))
    assert places.schema == PLACES
    assert places["path"].to_list() == ["a.jpg", None, None, None, "a.jpg", "https://example.com/c"]
    assert places["is_address"].to_list() == [False] * 5 + [True]
    assert [reason is not None for reason in places["reason"]] == [False, False, True, False, False, False]


@pytest.mark.parametrize(
    ("root", "text"),
    [
        ("/srv/photos", "/srv/photos/a/1.jpg"),
        ("/srv/photos/", "/srv/photos/a/1.jpg"),
        ("C:\\photos", "c:\\Photos\\a\\1.jpg"),
    ],
)
def test_a_full_path_below_the_photos_folder_is_one_below_it(root, text):
    assert place(text, root) == ("a/1.jpg", False, None)


pieces = st.sampled_from(
    ["a", "b.jpg", "..", ".", "/", "//", "\\", "C:", "http:", "https://", "www.x.y", " ", "\0", "@", ":", "[", "é"]
)


@pytest.mark.long_form
@given(st.lists(pieces, max_size=8).map("".join) | st.text(max_size=12), st.sampled_from([None, "/a", "C:\\a"]))
def test_no_text_raises_and_no_path_leaves_the_folder(text, root):
    path, is_address, reason = place(text, root)
    assert (path is not None) + (reason is not None) == bool(text.strip())
    if path is not None and not is_address:
        assert posixpath.normpath(path) == path
        assert not path.startswith(("/", "../")) and path != ".." and "\0" not in path
