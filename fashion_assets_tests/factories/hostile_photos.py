"""Photos that mean harm: small files that would take gigabytes or minutes, and headers that state what cannot be."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from fashion_assets_tests.factories.photo_files import product

PNG = b"\x89PNG\r\n\x1a\n"


def png(width: int, height: int, *chunks: tuple[bytes, bytes], rows: bytes = b"", depth: int = 8, color: int = 2):
    """A PNG with this header, these chunks before its pixels, and `rows` of them, uncompressed."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    parts = [header, *chunks, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return PNG + b"".join(png_chunk(*part) for part in parts)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def grey_line(width: int, height: int) -> bytes:
    """A valid PNG of so many bits a row; a few kilobytes however long."""
    rows = (b"\0" + bytes((width + 7) // 8)) * height
    return png(width, height, rows=rows, depth=1, color=0)


def jpeg_with_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    content = saved(product(1), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * count + b"\xff\xd9"


def tiff(*entries: tuple[int, int, int, int], order: str = "<") -> bytes:
    """A TIFF of one page with these entries: tag, type, count, and value or offset."""
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "L", 8)
    body = b"".join(struct.pack(order + "HHLL", *entry) for entry in sorted(entries))
    return start + struct.pack(order + "H", len(entries)) + body + struct.pack(order + "L", 0)


def tiff_of_pieces(count: int) -> bytes:
    """A TIFF of one page with so many tiles of one pixel, all of which lie at one place."""
    sizes = [(256, 4, 1, 1000), (257, 4, 1, 1000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tiles = [(322, 4, 1, 1), (323, 4, 1, 1), (324, 4, count, 200), (325, 4, count, 200)]
    return tiff(*sizes, *tiles).ljust(200, b"\0") + b"\0" * 4 * count


def saved(image: Image.Image, kind: str, **options) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def animation(kind: str, frames: int) -> bytes:
    pictures = [product(1, (40, 40)), *(Image.new("RGB", (40, 40), (number % 256, 0, 0)) for number in range(frames))]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:])


def _exif_of_huge_counts() -> bytes:
    return b"Exif\0\0" + tiff((274, 3, 1, 6), (37500, 7, 2**31, 8), (34665, 4, 1, 8), (700, 1, 2**32 - 1, 8))


BOMB = zlib.compress(bytes(50_000_000), 9)
_PIXELS = (b"\0" + np.arange(180, dtype=np.uint8).tobytes()) * 60
"""Of 60 x 60 in RGB."""


_POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 60\n%%EndComments\n"

HOSTILE_PHOTOS: Mapping[str, Callable[[], bytes]] = {
    "a program that writes a file": lambda: _POSTSCRIPT + b"(stolen) (w) file dup (x) writestring closefile\n",
    "a program that never ends": lambda: _POSTSCRIPT + b"{} loop\n",
    "a program with a preview": lambda: (
        struct.pack("<4s6LH", b"\xc5\xd0\xd3\xc6", 30, len(_POSTSCRIPT) + 8, 0, 0, 0, 0, 65535)
        + _POSTSCRIPT
        + b"{} loop\n"
    ),
    "a drawing that names a file": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/><image href="http://192.0.2.1/"/></svg>'
    ),
    "a long line": lambda: grey_line(49_000_000, 1),
    "a high line": lambda: grey_line(1, 20_000_000),
    "a long strip": lambda: grey_line(40_000, 1000),
    "too many pixels": lambda: grey_line(20_000, 20_000),
    "a header of two gigapixels a side": lambda: png(2**31 - 1, 2**31 - 1),
    "a header without an area": lambda: png(0, 10),
    "an endless picture": lambda: png(60, 60, rows=bytes(50_000_000)),
    "a long text": lambda: png(60, 60, (b"zTXt", b"a\0\0" + BOMB), rows=_PIXELS),
    "a long international text": lambda: png(60, 60, (b"iTXt", b"a\0\1\0\0\0" + BOMB), rows=_PIXELS),
    "many texts": lambda: png(60, 60, *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**6), 9))] * 200, rows=_PIXELS),
    "a long profile": lambda: png(60, 60, (b"iCCP", b"a\0\0" + BOMB), rows=_PIXELS),
    "a profile of noise": lambda: saved(product(1), "JPEG", icc_profile=bytes(range(256)) * 4000),
    "a profile that is too long": lambda: saved(product(1), "JPEG", icc_profile=bytes(6_000_000)),
    "a profile that states too much": lambda: saved(
        product(1), "JPEG", icc_profile=struct.pack(">I", 2**32 - 1) + bytes(124) + struct.pack(">I", 2**32 - 1)
    ),
    "entries that state too much": lambda: saved(product(1), "JPEG", exif=_exif_of_huge_counts()),
    "an animated picture": lambda: animation("GIF", 2000),
    "an animated PNG": lambda: animation("PNG", 500),
    "an animated WebP": lambda: animation("WEBP", 300),
    "frames that are only stated": lambda: png(60, 60, (b"acTL", struct.pack(">II", 2**31 - 1, 0)), rows=_PIXELS),
    "many scans": lambda: jpeg_with_scans(5000),
    "many pages": lambda: saved(
        product(1, (40, 40)), "TIFF", save_all=True, append_images=[product(2, (40, 40))] * 300
    ),
    "many tiles": lambda: tiff_of_pieces(1_000_000),
    "tags of huge counts": lambda: tiff((256, 4, 2**31, 8), (257, 4, 1, 40), (273, 4, 2**32 - 1, 8)),
    "a page that follows itself": lambda: tiff((256, 4, 1, 40), (257, 4, 1, 40))[:-4] + struct.pack("<L", 8),
    "a directory of 65,535 entries": lambda: b"MM\0*\0\0\0\x08\xff\xff" + bytes(100_000),
    "a canvas of WebP's largest size": lambda: (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + b"\xfe\x3f\0" * 2 + b"VP8 \0\0\0\0"
    ),
    "a GIF of the largest size": lambda: (
        b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\2\0;"
    ),
    "a bitmap of negative sizes": lambda: (
        b"BM" + struct.pack("<IHHIIiiHH", 54, 0, 0, 54, 40, -(2**31), -(2**31), 1, 24)
    ),
    "a JPEG 2000 of many tiles": lambda: (
        b"\xff\x4f\xff\x51\0\x29\0\0" + struct.pack(">8L", 7000, 7000, 0, 0, 1, 1, 0, 0) + b"\0\1\x07\1\1"
    ),
    "a JPEG that ends in its header": lambda: saved(product(1), "JPEG")[:200],
}
"""What each is, and its file."""
