"""Pictures that show no product: placeholders of one colour, transparent layers, spacers and tracking pixels.

They decode as well as photos, and a model asked about one answers all the same.
"""

from typing import cast

from PIL import Image

SMALLEST_SIDE = 32
"""Pixels of the shorter side. Icons and swatches have up to 32, the smallest pictures of products that shops and data
sets use 50 to 60; one patch of CLIP's is 32 pixels wide in a photo that was scaled to 224."""

_FIELDS = 64
"""Fields a side, at least, over which colours are averaged, so that noise and specks of dirt do not count."""

MOST_DIFFERENCE = 8
"""Steps of 255 by which the lightest and the darkest field of a blank picture differ, in its most varied channel. Of
2,000 photos of the reference catalog none differs by less than 62 (white lingerie on white), of 1,194 photos of the
demo none by less than 45."""


def blank_reason(photo: Image.Image) -> str | None:
    """Why this RGB photo shows nothing, in words; null if it does show something."""
    if min(photo.size) < SMALLEST_SIDE:
        return f"{photo.width}x{photo.height} pixels are too few to show a product"
    field = (max(1, photo.width // _FIELDS), max(1, photo.height // _FIELDS))
    top = photo.height // 2 // field[1] * field[1]
    middle = (0, top, photo.width, min(photo.height, top + _FIELDS // 8 * field[1]))
    if _difference(photo.reduce(field, middle)) > MOST_DIFFERENCE:  # as nearly all do, for an eighth of the work
        return None
    if _difference(photo.reduce(field)) > MOST_DIFFERENCE:
        return None
    return f"all one colour {photo.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))}"


def _difference(fields: Image.Image) -> int:
    return max(high - low for low, high in cast(tuple[tuple[int, int], ...], fields.getextrema()))
