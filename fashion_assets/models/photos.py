"""Opening product photos: one way to decode them and one way to make them square, for every model and every page.

Facts about photos (hashes, near duplicates) are in `catalog/photo_facts.py`; what models do with photos is in `clip`
and the `extraction` slice.
"""

import hashlib
import io
from pathlib import Path
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from fashion_assets.errors import PhotoChanged, PhotoMissing, PhotoProblem, PhotoUndecodable

MAX_PIXELS = 50_000_000
"""Photos with more pixels are refused before decoding: shop photos need fewer, decompression bombs more."""

LARGEST_SIDE = 2048
"""In pixels; larger than the input of any model here (SmolVLM enlarges to 1536)."""

BACKGROUND = (255, 255, 255)
"""Colour behind transparent photos and around letterboxed ones: that of most shop photos."""


def open_photo(path: Path, expected_sha256: str | None = None) -> Image.Image:
    """The photo at `path`, fully decoded, upright, as RGB (first frame; transparency on white).

    Raises PhotoProblem if the file is missing, does not decode, has more than MAX_PIXELS, or no longer has
    `expected_sha256`: results would be stored under the wrong content.
    """
    try:
        if not path.is_file():
            raise PhotoMissing(
                value=f"no file '{path.name}'",
                rule="a photo is a file",
                remedy="copy it there, or correct the product's row",
            )
        content = path.read_bytes()
        if expected_sha256 is not None and hashlib.sha256(content).hexdigest() != expected_sha256:
            raise PhotoChanged(
                value=f"'{path.name}' is not the file that the last ingest saw",
                rule="what is learned from it would be kept under the wrong content",
                remedy="ingest again",
            )
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PhotoUndecodable(
                    value=f"{image.width}x{image.height} is over {MAX_PIXELS} pixels",
                    rule="a shop photo needs fewer",
                    remedy="scale it down",
                )
            image.load()
            return _as_rgb(ImageOps.exif_transpose(image))
    except PhotoProblem:
        raise
    except UnidentifiedImageError as error:  # its own text holds the absolute path
        raise PhotoUndecodable(
            value="not an image in a known format",
            rule="a photo must be one",
            remedy="save it as JPEG or PNG",
        ) from error
    except Exception as error:  # on damaged files decoders raise many types: RuntimeError, NotImplementedError, ...
        raise PhotoUndecodable(
            value=str(error) or type(error).__name__,
            rule="a photo must decode to its end",
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


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16-bit and float greys: `convert` would clip, not scale
        extrema = (0.0, 65535.0) if image.mode.startswith("I;16") else image.getextrema()
        low, high = cast(tuple[float, float], extrema)  # of the only band
        scale = 255 / (high - low) if high > low else 0
        image = image.convert("F").point(lambda value: (value - low) * scale).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, (*BACKGROUND, 255))
        image.alpha_composite(layer)
    return image.convert("RGB")
