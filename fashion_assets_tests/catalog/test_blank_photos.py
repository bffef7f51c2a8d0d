import numpy as np
import pytest
from PIL import Image

from fashion_assets.catalog.blank_photos import MOST_DIFFERENCE, SMALLEST_SIDE, blank_reason
from fashion_assets_tests.factories.photo_files import product

SIZE = (160, 200)


def two_shades(difference: int) -> Image.Image:
    image = Image.new("RGB", SIZE, (250, 250, 250))
    image.paste((250, 250 - difference, 250), (0, 0, 80, 200))
    return image


def noisy(spread: int) -> Image.Image:
    values = np.random.default_rng(0).integers(-spread, spread + 1, (2000, 1600, 3)) + 200
    return Image.fromarray(values.astype(np.uint8))


@pytest.mark.parametrize("color", ["white", "black", "red", (254, 255, 250)])
def test_one_colour_is_blank(color):
    reason = blank_reason(Image.new("RGB", SIZE, color))
    assert reason is not None and reason.startswith("all one colour (")


def test_the_colour_is_named():
    assert blank_reason(Image.new("RGB", SIZE, "white")) == "all one colour (255, 255, 255)"


@pytest.mark.parametrize(
    ("difference", "is_blank"), [(0, True), (MOST_DIFFERENCE, True), (MOST_DIFFERENCE + 1, False), (60, False)]
)
def test_nearly_one_colour_is_blank(difference, is_blank):
    assert (blank_reason(two_shades(difference)) is not None) is is_blank


def test_noise_and_a_speck_of_dirt_show_no_product():
    image = noisy(10)
    image.paste((90, 90, 90), (800, 800, 803, 803))
    assert blank_reason(image) is not None


def test_a_white_shirt_on_white_is_a_photo():
    image = Image.new("RGB", SIZE, "white")
    image.paste((246, 246, 244), (40, 40, 120, 160))
    image.paste((228, 228, 228), (78, 60, 82, 160))  # its buttons' shade
    assert blank_reason(image) is None


@pytest.mark.parametrize("size", [(1, 1), (SMALLEST_SIDE - 1, 400), (8000, 3)])
def test_few_pixels_show_no_product(size):
    image = Image.radial_gradient("L").convert("RGB").resize(size)
    assert blank_reason(image) == f"{size[0]}x{size[1]} pixels are too few to show a product"


@pytest.mark.parametrize("size", [(SMALLEST_SIDE, SMALLEST_SIDE), (60, 80)])
def test_a_thumbnail_is_a_photo(size):
    assert blank_reason(product(1, SIZE).resize(size)) is None
