"""Light on a product: its roundness, its folds, and the photo as a whole, as factors on the pixels."""

import math

import numpy as np
from PIL import Image, ImageFilter

from fashion_assets.demo.textures import Field, noise, noise_patch

_SMALL = 4
"""Roundness is computed on an image reduced by this factor in each direction."""


def roundness(mask: Image.Image, angle: float) -> Field:
    """Darker towards the edge, and brighter on the side of the light: about 0.7 to 1.2, (height, width).

    `angle` is the direction of the light in radians: 0 from the right, pi / 2 from below.
    """
    small = mask.reduce(_SMALL)
    edge = np.asarray(small.filter(ImageFilter.GaussianBlur(1.4)), np.float32) / 255
    hill = np.asarray(small.filter(ImageFilter.GaussianBlur(4)), np.float32) / 255
    down, right = np.gradient(hill)
    facing = -(right * math.cos(angle) + down * math.sin(angle))
    shade = 0.84 + 0.16 * np.clip(edge * 2 - 1, 0, 1) + 1.6 * np.clip(facing, -0.12, 0.1)
    return np.asarray(Image.fromarray(shade).resize(mask.size, Image.Resampling.BILINEAR))


def folds(height: int, width: int, is_worn: bool, rng: np.random.Generator) -> Field:
    """Soft creases of cloth, 0.8 to 1.15: mostly vertical and long if it is worn, in any direction if it lies flat."""
    angle = rng.normal(math.pi / 2, 0.35) if is_worn else rng.uniform(0, math.pi)
    shade = 1 + 0.055 * _streaks(height, width, angle, rng.uniform(220, 360), rng.uniform(26, 40), rng)
    if rng.random() < 0.6:
        shade += 0.035 * _streaks(height, width, angle + rng.uniform(0.5, 1.2), 160, rng.uniform(18, 30), rng)
    return shade.clip(0.8, 1.15)


def falloff(height: int, width: int, angle: float, rng: np.random.Generator) -> Field:
    """The side of the lamp is a little brighter, and the corners are darker."""
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    side = rng.uniform(0, 0.05) * (x * math.cos(angle) + y * math.sin(angle))
    return 1 + side - rng.uniform(0, 0.05) * (x * x + y * y)


def _streaks(height: int, width: int, angle: float, length: float, thickness: float, rng: np.random.Generator) -> Field:
    """Smooth noise, mean 0 and deviation 1, stretched along `angle`; `length` and `thickness` in pixels."""
    grain = 40
    field = noise(grain)
    side = len(field)
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None, :]
    bend = 10 * noise_patch(80, (height, width), rng)
    along = (x * math.cos(angle) + y * math.sin(angle)) * (grain / length) + rng.uniform(0, side)
    across = (y * math.cos(angle) - x * math.sin(angle) + bend) * (grain / thickness) + rng.uniform(0, side)
    return field[across.astype(np.int32) % side, along.astype(np.int32) % side]
