import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashion_assets.catalog.fetching.content import PHOTO_FORMATS, is_photo, photo_parts
from fashion_assets.catalog.fetching.outcomes import FetchFailed, Kind
from fashion_assets_tests.fakes.photo_server import photo

LARGEST = 100_000


def saved(image_format: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (24, 24), "red").save(content, image_format)
    return content.getvalue()


def failure(parts: list[bytes], encoding: str = "", declared: str | None = None) -> tuple[Kind, str]:
    with pytest.raises(FetchFailed) as failed:
        list(photo_parts(parts, encoding, LARGEST, declared))
    return failed.value.failure.kind, failed.value.failure.problem


@pytest.mark.parametrize("image_format", PHOTO_FORMATS)
def test_the_formats_of_photos_are_told_by_their_bytes(image_format):
    content = saved(image_format)
    assert is_photo(content[:16])
    assert b"".join(photo_parts([content], "", LARGEST, "text/plain")) == content


@pytest.mark.parametrize("image_format", ["EPS", "PDF", "ICO", "PPM", "TGA"])
def test_other_formats_of_pillow_are_not_photos(image_format):
    assert not is_photo(saved(image_format)[:16])


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><html><body>Not here",
        b'{"error": "no such photo"}',
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"x",
    ],
)
def test_an_error_page_is_not_a_photo_whatever_it_is_called(content):
    assert failure([content], declared="image/jpeg") == (Kind.LASTS, "not a photo (image/jpeg)")
    assert failure([content]) == (Kind.LASTS, "not a photo")


def test_nothing_is_not_a_photo():
    assert failure([]) == failure([b""]) == (Kind.LASTS, "an empty file")


def test_what_is_not_a_photo_is_not_read_to_its_end():
    parts = iter([b"<html>" * 10, b"never asked for"])
    failure(parts)
    assert next(parts) == b"never asked for"


@pytest.mark.parametrize(("more", "is_too_much"), [(0, False), (1, True)])
def test_a_photo_may_be_as_large_as_the_limit(more, is_too_much):
    content = photo(1).ljust(LARGEST + more, b"x")
    parts = [content[start : start + 1000] for start in range(0, len(content), 1000)]
    if is_too_much:
        assert failure(parts) == (Kind.LIMITED, "more than 0.1 MB")
    else:
        assert b"".join(photo_parts(parts, "", LARGEST, None)) == content


@given(st.lists(st.integers(1, 60), min_size=1), st.sampled_from(["gzip", "deflate", "x-gzip"]))
def test_compressed_photos_are_decompressed_however_they_are_cut(cuts, encoding):
    content = photo(7) + bytes(3000)
    packed = zlib.compress(content) if encoding == "deflate" else gzip.compress(content)
    parts, start = [], 0
    for cut in cuts:
        parts.append(packed[start : start + cut])
        start += cut
    assert b"".join(photo_parts([*parts, packed[start:]], encoding, LARGEST, None)) == content


def test_a_bomb_is_stopped_at_the_limit():
    packed = gzip.compress(photo(1) + bytes(LARGEST * 100))
    assert len(packed) < LARGEST
    received = []
    with pytest.raises(FetchFailed, match=r"more than 0\.1 MB"):
        received += photo_parts([packed], "gzip", LARGEST, None)
    assert 0 < sum(map(len, received)) <= LARGEST


@pytest.mark.parametrize("missing", [1, 8, 30])
def test_a_compressed_photo_that_ends_early_may_come_whole_later(missing):
    packed = gzip.compress(photo(1))
    assert failure([packed[:-missing]], "gzip") == (Kind.PASSES, "the answer was cut short")


def test_unreadable_and_unasked_compression_is_said():
    assert failure([b"no gzip at all, whatever it says"], "gzip")[1] == "compressed data that cannot be read"
    assert failure([photo(1)], "br")[1] == "compressed in a way that was not asked for"
