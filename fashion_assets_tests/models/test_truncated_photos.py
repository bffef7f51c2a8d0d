import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fashion_assets.errors import PhotoUndecodable
from fashion_assets.models.photos import decode_photo
from fashion_assets.models.truncated_photos import PRESENT_SHARE, completed
from fashion_assets_tests.factories.photo_files import product

FORMS = {
    "baseline": ("RGB", "JPEG", {}),
    "finely coloured": ("RGB", "JPEG", {"subsampling": 0, "quality": 95}),
    "restarting": ("RGB", "JPEG", {"restart_marker_rows": 1}),
    "progressive": ("RGB", "JPEG", {"progressive": True}),
    "grey": ("L", "JPEG", {}),
    "print": ("CMYK", "JPEG", {}),
    "png": ("RGB", "PNG", {}),
    "palette": ("P", "PNG", {}),
    "clear": ("RGBA", "PNG", {}),
    "bits": ("1", "PNG", {}),
    "webp": ("RGB", "WEBP", {}),
}


def picture(mode: str) -> Image.Image:
    """A product before something that takes as many bytes below as above."""
    noise = np.random.default_rng(0).integers(-20, 20, (300, 240, 3))
    values = np.asarray(product(1, (240, 300))).astype(int) + noise
    return Image.fromarray(values.clip(0, 255).astype(np.uint8)).convert(mode)


def stored(name: str) -> bytes:
    mode, form, options = FORMS[name]
    file = io.BytesIO()
    picture(mode).save(file, form, **options)
    return file.getvalue()


WHOLE = {name: stored(name) for name in FORMS}


def as_array(content: bytes) -> np.ndarray:
    return np.asarray(decode_photo(content).image).astype(int)


def intact_share(name: str, content: bytes) -> float:
    """The share of the pixels that are as in the whole photo."""
    return float((np.abs(as_array(content) - as_array(WHOLE[name])).max(axis=2) <= 40).mean())


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("cut", [1, 2, 14, 100])
def test_a_photo_that_lacks_a_few_bytes_is_read(name, cut):
    photo = decode_photo(WHOLE[name][:-cut])
    assert photo.image.size == (240, 300) == (photo.width, photo.height)
    assert intact_share(name, WHOLE[name][:-cut]) > 0.98


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.8])
def test_a_photo_of_which_too_little_is_there_is_not(name, share):
    with pytest.raises(PhotoUndecodable):
        decode_photo(WHOLE[name][: int(share * len(WHOLE[name]))])


@given(name=st.sampled_from(sorted(FORMS)), share=st.floats(0, 1))
def test_what_is_read_is_nearly_whole(name, share):
    content = WHOLE[name][: int(share * len(WHOLE[name]))]
    try:
        intact = intact_share(name, content)
    except PhotoUndecodable:
        assert share < 0.97  # of a progressive photo 90 % of the last scan must be there
    else:
        assert intact >= PRESENT_SHARE - 0.05


def test_a_photo_that_ends_at_a_restart_marker_is_cut_all_the_same():
    content = WHOLE["restarting"]
    last = [content.rindex(bytes((0xFF, 0xD0 + number))) for number in range(8)]
    for at in last:  # the last eight of nineteen rows of units begin there
        for end in (at, at + 1, at + 2):
            try:
                assert intact_share("restarting", content[:end]) >= PRESENT_SHARE - 0.05
            except PhotoUndecodable:
                assert at < max(last)


def test_grey_at_the_bottom_is_not_taken_for_missing():
    image = Image.new("RGB", (200, 200), (128, 128, 128))
    image.paste(product(1, (200, 60)), (0, 0))
    file = io.BytesIO()
    image.save(file, "JPEG")
    assert np.abs(as_array(file.getvalue()[:-2]) - as_array(file.getvalue())).max() == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF89a", b"text"])
def test_of_what_is_no_photo_nothing_is_made(content):
    assert completed(content) is None


def test_a_thumbnail_inside_is_no_scan_of_the_photo():
    thumbnail = WHOLE["grey"][:2000]
    content = WHOLE["progressive"][:2] + b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2) + thumbnail
    content += WHOLE["progressive"][2:]
    assert decode_photo(content[:-2]).image.size == (240, 300)
    assert completed(content[: len(content) // 2]) is None
