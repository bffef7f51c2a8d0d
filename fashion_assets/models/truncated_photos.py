"""Photos whose file ends early, as after a broken download: read if nearly all of the picture is there.

Pillow's own switch for this is global, which threads share, and has no notion of how much is missing. So the missing
end is made up here, and the picture then decodes as any other.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import cast

from PIL import Image, ImageChops

PRESENT_SHARE = 0.9
"""Of the picture that must be there. With less, what a model says may be about half a product; a file that lacks only
its last bytes is whole to the eye."""

_JPEG, _PNG, _WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
_END_OF_IMAGE = b"\xff\xd9"
_NOISE = bytes(range(250, -1, -1)) * 4
"""Bytes that stand for no picture, nor for a JPEG marker."""
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
"""Restart markers are numbered from D0 to D7, over and over."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""In a JPEG's coded data, what ends it: restart markers (D0 to D7) and escaped bytes (00) are part of it."""
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA
_COEFFICIENTS = 64
"""Of a block of 8 x 8 pixels."""

_LARGEST_PICTURE = 200_000_000
"""Bytes of a PNG's uncompressed pixels, of which several copies are made here."""

_ANIMATION = (b"acTL", b"fcTL")


def completed(content: bytes) -> bytes | None:
    """A file with the picture of `content`, which ends early, and an end of its own; None if too little is there.

    JPEG (the missing rest becomes grey), PNG (the last row is repeated) and WebP. None for other formats too, and for
    what is damaged in other ways.
    """
    if content.startswith(_JPEG):
        return _completed_jpeg(content)
    if content.startswith(_PNG):
        return _completed_png(content)
    return _completed_webp(content) if content.startswith(_WEBP) else None


def _completed_jpeg(content: bytes) -> bytes | None:
    """The rest begins where the picture depends on what is appended: it decodes to grey, or to something of noise."""
    content = content.rstrip(b"\xff")  # half a marker
    unit_rows = _rows_of_a_unit(content)
    if unit_rows is None:
        return None
    whole = content + _END_OF_IMAGE
    plain = _as_grey(whole)
    noisy = [_as_grey(content + noise + _END_OF_IMAGE) for noise in (_NOISE, _following_restart(content) + _NOISE)]
    difference = ImageChops.lighter(*(ImageChops.difference(plain, image) for image in noisy))
    box = difference.getbbox()
    if box is None:
        return whole
    wide, high = difference.size
    _, top, _, _ = box
    units = (0, top, wide, min(top + unit_rows, high))
    left, *_ = cast(tuple[int, int, int, int], difference.crop(units).getbbox())
    there = top * wide + left * (units[3] - top)
    return whole if there >= PRESENT_SHARE * wide * high else None


def _following_restart(content: bytes) -> bytes:
    """The marker to come: where a file ends just before it, only what follows it is taken for the picture."""
    numbers = _RESTART.findall(content)
    return bytes((0xFF, 0xD0 + (numbers[-1][0] - 0xD0 + 1) % 8 if numbers else 0xD0))


def _as_grey(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        return image.convert("L")


def _rows_of_a_unit(content: bytes) -> int | None:
    """Pixel rows that a JPEG codes together; null unless the last scan has begun.

    The scans before a progressive photo's last one give the whole picture, but blurred.
    """
    frame, complete = b"", set()
    for marker, segment in segments(content):
        if marker in _FRAMES:
            frame = segment
        elif marker == _SCAN and segment:
            parts, (first, last, approximation) = segment[1:-3:2], segment[-3:]
            if approximation & 0x0F == 0:
                complete |= {(part, at) for part in parts for at in range(first, last + 1)}
    wanted = {(part, at) for part in frame[6::3] for at in range(_COEFFICIENTS)}
    return 8 * max(factors & 0x0F for factors in frame[7::3]) if wanted and complete >= wanted else None


def segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The marker and content of each whole segment of a JPEG file."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, end = content[at + 1], at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if end > len(content):
            return
        yield marker, content[at + 4 : end]
        following = _MARKER.search(content, end) if marker == _SCAN else None
        if marker == _SCAN and following is None:
            return
        at = end if following is None else following.start()


def _completed_png(content: bytes) -> bytes | None:
    chunks = list(_chunks(content))
    data = b"".join(data for kind, data in chunks if kind == b"IDAT")
    if not data or chunks[0][0] != b"IHDR":
        return None
    width, height, depth, color, _, _, is_interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(color)
    if samples is None or is_interlaced:
        return None
    row_bytes = 1 + (width * samples * depth + 7) // 8
    if row_bytes * height > _LARGEST_PICTURE:
        return None
    try:
        pixels = zlib.decompressobj().decompress(data, row_bytes * height)
    except zlib.error:  # damaged, not only cut
        return None
    rows = len(pixels) // row_bytes
    if rows < PRESENT_SHARE * height:
        return None
    as_above = b"\2" + bytes(row_bytes - 1)  # the filter "up" with no difference
    pixels = pixels[: rows * row_bytes] + as_above * (height - rows)
    before = chunks[: [kind for kind, _ in chunks].index(b"IDAT")]
    whole = [*(chunk for chunk in before if chunk[0] not in _ANIMATION), (b"IDAT", zlib.compress(pixels, 1))]
    return _PNG + b"".join(_chunk(kind, data) for kind, data in [*whole, (b"IEND", b"")])


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and content of each chunk of a PNG file, the last as far as it goes."""
    at = len(_PNG)
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        yield kind, content[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _completed_webp(content: bytes) -> bytes | None:
    """WebP codes the picture from top to bottom, so its share of the file is taken for that of the picture."""
    whole = 8 + int.from_bytes(content[4:8], "little")
    return content.ljust(whole, b"\0") if PRESENT_SHARE * whole <= len(content) < whole else None
