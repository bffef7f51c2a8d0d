"""Photos that show no product: blank and noisy ones, about which a model should say that it cannot tell.

They are drawn by other rules than the blank photos of the training, which are in `training.vlm.distractors`.
"""

import io
from typing import Literal, get_args

import numpy as np
from PIL import Image

Nothing = Literal["blank", "noise"]
NOTHINGS: tuple[Nothing, ...] = get_args(Nothing)

_WIDTH, _HEIGHT = 300, 400


def nothing_to_see(kind: Nothing, count: int, seed: int = 0) -> list[Image.Image]:
    """`count` RGB photos of 300 x 400 pixels, always the same ones for a seed; the ways to draw them take turns."""
    ways = (
        (_grey, _coloured, _gradient) if kind == "blank" else (_white_noise, _coloured_noise, _blotches, _salt_pepper)
    )
    photos = []
    for number in range(count):
        rng = np.random.default_rng((seed, number, NOTHINGS.index(kind)))
        pixels = ways[number % len(ways)](rng).clip(0, 255).astype(np.uint8)
        photos.append(_as_jpeg(Image.fromarray(pixels), quality=int(rng.integers(60, 95))))
    return photos


def _grey(rng: np.random.Generator) -> np.ndarray:
    return _plain(np.repeat(rng.integers(0, 256), 3)) + _sensor_noise(rng)


def _coloured(rng: np.random.Generator) -> np.ndarray:
    return _plain(rng.integers(0, 256, 3)) + _sensor_noise(rng)


def _gradient(rng: np.random.Generator) -> np.ndarray:
    """From one colour to another in any direction."""
    angle = rng.uniform(0, 2 * np.pi)
    down, right = np.mgrid[0 : 1 : _HEIGHT * 1j, 0 : 1 : _WIDTH * 1j]
    along = down * np.sin(angle) + right * np.cos(angle)
    along = ((along - along.min()) / (along.max() - along.min()))[..., None]
    start, end = rng.integers(0, 256, (2, 3))
    return start + along * (end - start) + _sensor_noise(rng)


def _white_noise(rng: np.random.Generator) -> np.ndarray:
    return np.repeat(rng.integers(0, 256, (_HEIGHT, _WIDTH, 1)), 3, axis=2).astype(float)


def _coloured_noise(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(rng.uniform(70, 185, 3), rng.uniform(25, 90), (_HEIGHT, _WIDTH, 3))


def _blotches(rng: np.random.Generator) -> np.ndarray:
    """Noise without fine detail: 8 to 40 soft blotches along the width."""
    across = int(rng.integers(8, 41))
    coarse = rng.integers(0, 256, (across * _HEIGHT // _WIDTH, across, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((_WIDTH, _HEIGHT), Image.Resampling.BICUBIC), float)


def _salt_pepper(rng: np.random.Generator) -> np.ndarray:
    """Black and white specks on grey."""
    photo, specks = _plain(np.repeat(rng.integers(60, 200), 3)), rng.random((_HEIGHT, _WIDTH))
    share = rng.uniform(0.03, 0.3)
    photo[specks < share / 2] = 0
    photo[specks > 1 - share / 2] = 255
    return photo


def _plain(colour: np.ndarray) -> np.ndarray:
    return np.full((_HEIGHT, _WIDTH, 3), colour, float)


def _sensor_noise(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, rng.uniform(0, 4), (_HEIGHT, _WIDTH, 3))


def _as_jpeg(photo: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")
