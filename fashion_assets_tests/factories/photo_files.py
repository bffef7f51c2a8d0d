"""Photo files of every awkward kind, for the tests of this folder."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def product(seed: int, size: tuple[int, int] = (160, 200), color: tuple[int, int, int] = (200, 30, 40)) -> Image.Image:
    """A shape on white that differs from seed to seed."""
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = (chance.uniform(0.1, 0.6, 2) * size).tolist()
        wide, high = (chance.uniform(0.1, 0.35, 2) * size).tolist()
        shade = tuple(int(part * chance.uniform(0.4, 1)) for part in color)
        draw.ellipse([x, y, x + wide, y + high], fill=shade)
    return image


def save(image: Image.Image, path: Path, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def png_header(path: Path, width: int, height: int) -> Path:
    """A PNG that says it is width x height but holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))
    return path
