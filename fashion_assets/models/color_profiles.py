"""Colours as an embedded ICC profile means them: cameras and print shops write photos in other colours than screens.

Pillow decodes the numbers and leaves the profile aside, which shows AdobeRGB greyish and CMYK in other hues.
"""

import io
from functools import lru_cache
from typing import Any, cast

from PIL import Image, ImageChops, ImageCms

SAME_COLOR = 2
"""Steps of 255 up to which a profile counts as sRGB itself, which costs nothing: the sRGB profiles in use differ from
each other by 1 or 2. The nearest other one that cameras write, Display P3, differs by more than 30."""

LARGEST_PROFILE = 4_000_000
"""Bytes; a larger one counts as broken. That of a print shop can take 2 MB."""

_PROFILES_KEPT = 16
"""Transforms kept for the next photo with the same profile."""

_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
"""As image editors convert photos by default: colours that a screen can show stay exact, black stays black."""


def in_srgb(image: Image.Image) -> Image.Image | None:
    """The image (8 bits a channel) as RGB in the sRGB colours of screens, without transparency.

    None if there is nothing to convert: no profile, one that means sRGB anyway, one that is broken or made for
    another kind of image.
    """
    profile = image.info.get("icc_profile")
    if not profile or len(profile) > LARGEST_PROFILE:
        return None
    mode = _mode_for(profile, image.mode)
    transform = None if mode is None else _to_srgb(profile, mode)
    return None if transform is None else transform.apply(image.convert(mode))


@lru_cache(maxsize=_PROFILES_KEPT)
def _mode_for(profile: bytes, mode: str) -> str | None:
    """The mode in which an image of `mode` goes through the profile; null if it cannot.

    A grey image in an RGB profile is usual; other mixtures are mistakes.
    """
    opened = _opened(profile)
    space = "" if opened is None else cast(Any, opened.profile).xcolor_space.strip()
    fits = {
        "RGB": mode not in ("CMYK", "LAB", "YCbCr", "HSV"),
        "GRAY": mode in ("1", "L", "LA", "La"),
        "CMYK": mode == "CMYK",
    }
    return {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[space] if fits.get(space) else None


@lru_cache(maxsize=_PROFILES_KEPT)
def _to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform to sRGB; null if the profile is broken, or if the transform changes next to nothing.

    Threads share it: LittleCMS only reads a transform when it applies it.
    """
    opened = _opened(profile)
    if opened is None:
        return None
    try:
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB", _INTENT, _FLAGS)
    except ImageCms.PyCMSError:  # opens, but lacks a table: the plain colours are the best there are
        return None
    if mode == "CMYK":
        return transform
    probe = _probe().convert(mode)
    change = ImageChops.difference(probe.convert("RGB"), transform.apply(probe))
    return (
        transform
        if max(high for _, high in cast(tuple[tuple[int, int], ...], change.getextrema())) > SAME_COLOR
        else None
    )


def _opened(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except OSError:  # not a profile, or cut short: viewers show such photos without it
        return None


def _probe() -> Image.Image:
    """Colours from all over the cube, and greys."""
    steps = range(0, 256, 51)
    colors = [(red, green, blue) for red in steps for green in steps for blue in steps]
    colors += [(grey, grey, grey) for grey in range(256)]
    image = Image.new("RGB", (len(colors), 1))
    image.putdata(colors)
    return image
