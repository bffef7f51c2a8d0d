import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from fashion_assets.models.color_profiles import in_srgb
from fashion_assets.models.photos import decode_photo
from fashion_assets_tests.factories.color_profiles import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    SRGB,
    cmyk_profile,
    grey_profile,
    rgb_profile,
)

ADOBE = rgb_profile(ADOBE_RGB, ADOBE_GAMMA)
OWN_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
COLORS = ((171, 35, 44), (86, 158, 72), (60, 64, 183), (128, 128, 128), (255, 255, 255))


def stored(image: Image.Image, profile: bytes, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, icc_profile=profile, **options)
    return file.getvalue()


def decoded(image: Image.Image, profile: bytes, form: str = "PNG", **options) -> Image.Image:
    return decode_photo(stored(image, profile, form, **options)).image


def as_on_screen(color, primaries, gamma) -> list[float]:
    """By the definitions of both colour spaces: light of each, through XYZ, and sRGB's own curve."""
    light = np.linalg.inv(np.array(SRGB).T) @ np.array(primaries).T @ (np.array(color) / 255) ** gamma
    light = np.clip(light, 0, 1)
    return list(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("JPEG", {"quality": 100}), ("TIFF", {}), ("WEBP", {})])
def test_the_colours_are_those_that_the_profile_means(color, form, options):
    photo = decoded(Image.new("RGB", (8, 8), color), ADOBE, form, **options)
    assert photo.mode == "RGB"
    assert photo.getpixel((4, 4)) == pytest.approx(
        as_on_screen(color, ADOBE_RGB, ADOBE_GAMMA), abs=8 if form == "WEBP" else 3
    )  # WebP halves the colours


def test_a_red_of_adobergb_is_off_without_its_profile():
    assert decoded(Image.new("RGB", (8, 8), (171, 35, 44)), ADOBE).getpixel((0, 0)) == pytest.approx(
        (200, 30, 40), abs=2
    )


def test_transparency_stays(tmp_path):
    image = Image.new("RGBA", (2, 1), (171, 35, 44, 255))
    image.putpixel((1, 0), (171, 35, 44, 0))
    photo = decoded(image, ADOBE)
    assert photo.getpixel((0, 0)) == pytest.approx((200, 30, 40), abs=2)
    assert photo.getpixel((1, 0)) == (255, 255, 255)


def test_a_palette_goes_through_the_profile():
    image = Image.new("RGB", (8, 8), (171, 35, 44)).quantize(4)
    assert decoded(image, ADOBE).getpixel((0, 0)) == pytest.approx((200, 30, 40), abs=2)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_greys_go_through_grey_profiles(mode):
    image = Image.new("L", (8, 8), 100).convert(mode)
    expected = as_on_screen((100, 100, 100), SRGB, 1.0)
    assert decoded(image, grey_profile(1.0)).getpixel((0, 0)) == pytest.approx(expected, abs=3)


def test_a_grey_photo_may_have_an_rgb_profile():
    profile = rgb_profile(ADOBE_RGB, 1.0)
    expected = as_on_screen((100, 100, 100), ADOBE_RGB, 1.0)
    assert decoded(Image.new("L", (8, 8), 100), profile, "JPEG").getpixel((0, 0)) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_inks_are_those_of_the_printer(form):
    image = Image.new("CMYK", (16, 8), (0, 200, 200, 0))
    image.paste((255, 0, 0, 0), (0, 0, 8, 8))
    photo = decoded(image, cmyk_profile(), form)
    assert photo.mode == "RGB"
    assert photo.getpixel((2, 2)) == pytest.approx((255, 0, 0), abs=30)
    assert photo.getpixel((12, 4)) == pytest.approx((255, 255, 255), abs=3)


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", b"not a profile"),
        ("RGB", ADOBE[:200]),
        ("RGB", ADOBE[:128] + bytes(len(ADOBE) - 128)),
        ("RGB", cmyk_profile()),
        ("RGB", grey_profile(1.0)),
        ("CMYK", ADOBE),
        ("CMYK", cmyk_profile()[:400]),
        ("L", cmyk_profile()),
        ("L", grey_profile(1.0)[:150]),
    ],
)
def test_a_broken_or_foreign_profile_is_left_aside(mode, profile):
    image = Image.radial_gradient("L").convert(mode)
    plain, with_profile = (decoded(image, profile, "TIFF") for profile in (b"", profile))
    assert with_profile.tobytes() == plain.tobytes()


@pytest.mark.parametrize(("mode", "profile"), [("RGB", OWN_SRGB), ("RGBA", OWN_SRGB), ("L", OWN_SRGB), ("RGB", None)])
def test_what_is_srgb_already_costs_nothing(mode, profile):
    image = Image.radial_gradient("L").convert(mode)
    image.info["icc_profile"] = profile
    assert in_srgb(image) is None
