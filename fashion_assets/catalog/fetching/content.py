"""What is taken for a photo: the bytes decide, not what a server calls them."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from PIL import Image

from fashion_assets.catalog.fetching.outcomes import FetchFailed, Kind

PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "TIFF", "JPEG2000")
"""The formats of Pillow in which shops have photos; others, as PostScript, are never opened."""

_PREFIX_BYTES = 16
"""As many as Pillow looks at."""
_STEP_BYTES = 65_536


def photo_parts(
    parts: Iterable[bytes], encoding: str, largest_bytes: int, declared_type: str | None
) -> Iterator[bytes]:
    """The decoded parts of a photo's body, checked as they come; raises FetchFailed for what is not a photo.

    Neither what is received nor what it decompresses to exceeds `largest_bytes`.
    """
    size, prefix = 0, b""
    for part in _decoded(_within(parts, largest_bytes), encoding):
        size += len(part)
        if size > largest_bytes:
            raise too_large(largest_bytes)
        if len(prefix) < _PREFIX_BYTES:
            prefix += part[: _PREFIX_BYTES - len(prefix)]
            if len(prefix) == _PREFIX_BYTES and not is_photo(prefix):
                raise _not_a_photo(declared_type)
        yield part
    if not prefix:
        raise FetchFailed(Kind.LASTS, "an empty file")
    if len(prefix) < _PREFIX_BYTES:
        raise _not_a_photo(declared_type)


def is_photo(prefix: bytes) -> bool:
    """Whether a file that begins so is in one of PHOTO_FORMATS, as Pillow tells them apart."""
    return any(accepts(prefix) is True for accepts in _tests())


def too_large(largest_bytes: int) -> FetchFailed:
    return FetchFailed(Kind.LIMITED, f"more than {largest_bytes / 1e6:g} MB")


@cache
def _tests() -> tuple[Callable[[bytes], bool | str], ...]:
    Image.init()
    return tuple(test for name in PHOTO_FORMATS if name in Image.OPEN and (test := Image.OPEN[name][1]) is not None)


def _not_a_photo(declared_type: str | None) -> FetchFailed:
    return FetchFailed(Kind.LASTS, f"not a photo ({declared_type})" if declared_type else "not a photo")


def _within(parts: Iterable[bytes], largest_bytes: int) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > largest_bytes:
            raise too_large(largest_bytes)
        yield part


def _decoded(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Step by step: a part of 64 KB may decompress to 64 MB."""
    if encoding in ("", "identity"):
        yield from parts
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchFailed(Kind.LASTS, "compressed in a way that was not asked for")
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, as its header says
    try:
        for part in parts:
            while part and not decompressor.eof:
                yield decompressor.decompress(part, _STEP_BYTES)
                part = decompressor.unconsumed_tail
    except zlib.error:
        raise FetchFailed(Kind.LASTS, "compressed data that cannot be read") from None
    if not decompressor.eof:
        raise FetchFailed(Kind.PASSES, "the answer was cut short")
