"""Opening product photos: one way to decode them and one way to make them square, for every model and every page.

Which files are photos is in `photo_formats.py`. Facts about photos (hashes, near duplicates) are in
`catalog/photo_facts.py`; what models do with photos is in `clip` and the `extraction` slice.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from fashion_assets.errors import PhotoChanged, PhotoMissing, PhotoProblem, PhotoUndecodable
from fashion_assets.models.color_profiles import in_srgb
from fashion_assets.models.photo_bounds import (
    require_bounded_work,
    require_file_size,
    require_size,
    too_large,
    turn,
)
from fashion_assets.models.photo_formats import PHOTO_FORMATS, kind_in_words
from fashion_assets.models.truncated_photos import completed

LARGEST_SIDE = 2048
"""In pixels; larger than the input of any model here (SmolVLM enlarges to 1536)."""

BACKGROUND = (255, 255, 255)
"""Colour behind transparent photos and around letterboxed ones: that of most shop photos."""


@dataclass(frozen=True)
class DecodedPhoto:
    """A photo as RGB and upright, and what its file says: colour mode as Pillow names it, width and height."""

    image: Image.Image
    mode: str
    width: int
    height: int


def open_photo(path: Path, expected_sha256: str | None = None) -> Image.Image:
    """The photo at `path`, fully decoded, upright, as RGB (first frame; transparency on white; sRGB colours).

    Raises PhotoProblem if the file is missing, does not decode (see `decode_photo`), or no longer has
    `expected_sha256`: results would be stored under the wrong content.
    """
    try:
        if not path.is_file():
            raise PhotoMissing(
                value=f"no file '{path.name}'",
                rule="a photo is a file",
                remedy="copy it there, or correct the product's row",
            )
        size = path.stat().st_size
        require_file_size(size)
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # a name that the file system does not take, no permission
        raise PhotoUndecodable(
            value=getattr(error, "strerror", None) or str(error),
            rule="a photo must be readable",
            remedy="copy it again",
        ) from error
    if expected_sha256 is not None and hashlib.sha256(content).hexdigest() != expected_sha256:
        raise PhotoChanged(
            value=f"'{path.name}' is not the file that the last ingest saw",
            rule="what is learned from it would be kept under the wrong content",
            remedy="ingest again",
        )
    with turn(file_bytes=size):
        return decode_photo(content).image


def decode_photo(content: bytes) -> DecodedPhoto:
    """The photo in the file `content`; a file that ends early is read if PRESENT_SHARE of the picture is there.

    Raises PhotoUndecodable if it is in none of PHOTO_FORMATS, damaged, beyond the bounds of `photo_bounds.py`, or if
    memory runs out over it.
    """
    try:
        require_file_size(len(content))
        require_bounded_work(content)
        return _decoded(content)
    except PhotoProblem:
        raise
    except UnidentifiedImageError as error:
        kind = kind_in_words(content)
        raise PhotoUndecodable(
            value="not an image in a known format" if kind is None else f"not a photo but {kind}",
            rule=f"a photo is one of {', '.join(PHOTO_FORMATS)}, whatever it is called",
            remedy="save it as JPEG or PNG",
        ) from error
    except Image.DecompressionBombError as error:
        raise too_large("the picture") from error
    except Exception as error:  # on damaged files decoders raise many types: RuntimeError, MemoryError, ...
        whole = _completed(content)
        if whole is not None:
            return whole
        raise PhotoUndecodable(
            value=str(error) or type(error).__name__,
            rule="a photo must decode to its end, or nearly",
            remedy="copy or export it again",
        ) from error


def letterbox(image: Image.Image) -> Image.Image:
    """The photo centred on a square of BACKGROUND: models that take squares would distort it otherwise.

    It is scaled down only if its longer side exceeds LARGEST_SIDE, so that a very long photo gives no huge square.
    """
    side = max(image.size)
    if side > LARGEST_SIDE:
        image = ImageOps.contain(image, (LARGEST_SIDE, LARGEST_SIDE))
        side = max(image.size)
    if image.size == (side, side):
        return image
    square = Image.new("RGB", (side, side), BACKGROUND)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def _decoded(content: bytes) -> DecodedPhoto:
    with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as image:
        require_size(*image.size)
        mode, width, height = image.mode, image.width, image.height
        with turn(pixels=width * height):
            image.load()
            return DecodedPhoto(_as_rgb(ImageOps.exif_transpose(image)), mode, width, height)


def _completed(content: bytes) -> DecodedPhoto | None:
    """The photo whose file ends early; null if it cannot be completed."""
    try:
        whole = completed(content)
        return None if whole is None else _decoded(whole)
    except Exception:  # the damage is of another kind, and the caller's error says which
        return None


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16-bit and float greys: `convert` would clip, not scale
        extrema = (0.0, 65535.0) if image.mode.startswith("I;16") else image.getextrema()
        low, high = cast(tuple[float, float], extrema)  # of the only band
        scale = 255 / (high - low) if high > low else 0
        image = image.convert("F").point(lambda value: (value - low) * scale).convert("L")
    colors = in_srgb(image)
    if not image.has_transparency_data:
        return image.convert("RGB") if colors is None else colors
    layer = image.convert("RGBA")
    if colors is not None:
        colors.putalpha(layer.getchannel("A"))
        layer = colors
    flat = Image.new("RGBA", layer.size, (*BACKGROUND, 255))
    flat.alpha_composite(layer)
    return flat.convert("RGB")
