"""How much work a photo's file may make: what is looked at before it is decoded, and how many large ones at a time.

Limits that hold in this process, rather than worker processes: a photo within them decodes in seconds whatever is in
it, and a process a photo would cost more than the photo. Decoders of C cannot be interrupted, so what would make them
work for minutes is read from the file's structure first.
"""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fashion_assets.errors import PhotoUndecodable
from fashion_assets.models.truncated_photos import segments

MAX_PIXELS = 50_000_000
"""Photos with more pixels are refused before decoding: shop photos need fewer, decompression bombs more."""

MAX_SIDE = 30_000
"""Pixels of the longer side. Scaling a row of millions of pixels to a few takes gigabytes."""

LARGEST_FILE = 160_000_000
"""Bytes: MAX_PIXELS without compression."""

MOST_SCANS = 100
"""Of a JPEG, each of which goes over the whole picture. Encoders write about 10; a file of 1 MB can hold 10,000."""

MOST_PIECES = 20_000
"""Strips or tiles of a TIFF or a JPEG 2000, each of which takes some time and memory whatever its size."""

MOST_LAYERS = 64
"""Quality layers of a JPEG 2000; encoders write up to 20."""

_LARGE_PIXELS, _LARGE_FILE = 12_000_000, 16_000_000
_SCAN = 0xDA
_STRIPS_OR_TILES = {273, 324}
_SIZ, _COD = b"\xff\x4f\xff\x51", b"\xff\x52"
_one_at_a_time = threading.RLock()


@contextmanager
def turn(pixels: int = 0, file_bytes: int = 0) -> Iterator[None]:
    """A large photo waits here until no other one is being decoded: each may take half a gigabyte."""
    if pixels > _LARGE_PIXELS or file_bytes > _LARGE_FILE:
        with _one_at_a_time:
            yield
    else:
        yield


def require_size(width: int, height: int) -> None:
    """Raise PhotoUndecodable for too many pixels, or too long a side."""
    if width * height > MAX_PIXELS:
        raise too_large(f"{width}x{height}")
    if max(width, height) > MAX_SIDE:
        raise PhotoUndecodable(
            value=f"{width}x{height} has a side of more than {MAX_SIDE} pixels",
            rule="a shop photo needs fewer",
            remedy="crop it",
        )


def require_file_size(size: int) -> None:
    """Raise PhotoUndecodable for a file of too many bytes."""
    if size > LARGEST_FILE:
        raise PhotoUndecodable(
            value=f"the file has more than {LARGEST_FILE / 1e6:g} MB",
            rule="a shop photo needs less",
            remedy="save it as JPEG",
        )


def require_bounded_work(content: bytes) -> None:
    """Raise PhotoUndecodable for a file whose structure makes a decoder work for minutes."""
    if content.startswith(b"\xff\xd8"):
        if content.count(b"\xff\xda") > MOST_SCANS:  # also bytes that look like it, as in a preview
            _require(sum(marker == _SCAN for marker, _ in segments(content)), MOST_SCANS, "scans")
    elif content[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        _require(_tiff_pieces(content), MOST_PIECES, "strips or tiles")
    elif (at := content.find(_SIZ, 0, 4096)) >= 0:
        _require_bounded_jpeg2000(content, at)


def too_large(size: str) -> PhotoUndecodable:
    return PhotoUndecodable(
        value=f"{size} is over {MAX_PIXELS} pixels", rule="a shop photo needs fewer", remedy="scale it down"
    )


def _require(count: int, most: int, what: str) -> None:
    if count > most:
        raise PhotoUndecodable(
            value=f"the file has {count} {what}",
            rule=f"more than {most} take minutes to decode",
            remedy="save it as JPEG",
        )


def _tiff_pieces(content: bytes) -> int:
    """The largest number of strips or tiles that the first page states; 0 if it cannot be read."""
    order = "<" if content[:1] == b"I" else ">"
    is_big = b"+" in content[:4]
    count_format, entry_format, start_format = ("Q", "HHQ8s", "8xQ") if is_big else ("H", "HHL4s", "4xL")
    try:
        (start,) = struct.unpack_from(order + start_format, content)
        (entries,) = struct.unpack_from(order + count_format, content, start)
        first, size = start + struct.calcsize(order + count_format), struct.calcsize(order + entry_format)
        pieces = 0
        for number in range(min(entries, 1000)):
            tag, _, count, _ = struct.unpack_from(order + entry_format, content, first + number * size)
            pieces = max(pieces, count if tag in _STRIPS_OR_TILES else 0)
        return pieces
    except struct.error:
        return 0


def _require_bounded_jpeg2000(content: bytes, at: int) -> None:
    try:
        wide, high, left, top, tile_wide, tile_high = struct.unpack_from(">6L", content, at + 8)
        tiles = -(-(wide - left) // max(tile_wide, 1)) * -(-(high - top) // max(tile_high, 1))
        defaults = content.find(_COD, at, at + 65_536)
        layers = struct.unpack_from(">H", content, defaults + 6)[0] if defaults >= 0 else 0
    except struct.error:
        return
    _require(tiles, MOST_PIECES, "tiles")
    _require(layers, MOST_LAYERS, "quality layers")
