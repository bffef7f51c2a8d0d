"""How each material looks: a shade and a gloss over the product's area.

Every material stays recognizable at a model's 120 pixels (the photo is reduced to three tenths), so no structure is
finer than about 12 photo pixels. Patterns are in `patterns.py`.
"""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from fashion_assets.demo.vocabulary import Material

NOISE_SIDE = 640
Field = np.ndarray
"""A float32 array (height, width) over the product's bounding box."""


@lru_cache
def noise(grain: int) -> Field:
    """A square of smooth noise with mean 0 and deviation 1, whose blobs are about `grain` pixels wide."""
    cells = np.random.default_rng(grain).integers(0, 256, (NOISE_SIDE // grain,) * 2, dtype=np.uint8)
    image = Image.fromarray(cells).resize((NOISE_SIDE, NOISE_SIDE), Image.Resampling.BICUBIC)
    field = np.asarray(image.filter(ImageFilter.GaussianBlur(grain / 4)), np.float32)
    return (field - field.mean()) / field.std()


def noise_patch(grain: int, shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """A random window of the noise, of the given (height, width)."""
    top = rng.integers(0, NOISE_SIDE - shape[0] + 1)
    left = rng.integers(0, NOISE_SIDE - shape[1] + 1)
    return noise(grain)[top : top + shape[0], left : left + shape[1]]


def material_texture(
    material: str, x: Field, y: Field, inside: Field, rng: np.random.Generator
) -> tuple[Field, Field | None]:
    """The material over the pixel grid (x: (1, w), y: (h, 1)).

    Returns the shade, a factor on the colour, and the gloss, a share of white. `inside` is 0.5 at the product's edge
    and 1 well inside it; stitching follows it.
    """
    shape = (y.shape[0], x.shape[1])
    return _TEXTURES[Material(material)](x, y, shape, inside, rng)


def _leather(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Wrinkled and mottled with a dull shine, a dashed light seam along the edge."""
    hills = noise_patch(28, shape, rng)
    creases = np.clip(1 - np.abs(hills) * 6, 0, 1) + np.clip(1 - np.abs(noise_patch(40, shape, rng)) * 6, 0, 1)
    shade = 1 - 0.42 * np.clip(creases, 0, 1) + 0.1 * hills
    seam = (inside > 0.8) & (inside < 0.92) & (((x // 9 + y // 9) % 2) < 1)
    return shade, 0.16 * np.clip(hills - 0.4, 0, 1.5) + 0.6 * seam


def _denim(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Diagonal twill lines, faded in places."""
    period = rng.uniform(11.5, 14)
    direction = rng.choice((-1.0, 1.0))
    twill = np.sin((x + direction * y) * (2 * math.pi / (period * math.sqrt(2))) + rng.uniform(0, 6))
    return 1 + 0.2 * twill, np.clip(0.07 + 0.06 * noise_patch(60, shape, rng), 0, 0.3)


def _knit(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Vertical ribs of V-shaped stitches."""
    rib, row = rng.uniform(17, 21), rng.uniform(11, 13)
    across = (x / rib + rng.random()) % 1
    valley = np.abs(across - 0.5) * 2
    stitches = np.sin((y / row + valley) * 2 * math.pi)
    return 1 + 0.15 * stitches - 0.26 * (valley > 0.78), None


def _woven(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Matt, with fine ribs across, as in poplin."""
    ribs = np.sin(y * (2 * math.pi / rng.uniform(11, 13)) + rng.uniform(0, 6) + 0.25 * noise_patch(40, shape, rng))
    return 1 + 0.11 * ribs, None


def _synthetic(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Glossy: broad bright streaks over a smooth gradient."""
    angle = rng.uniform(0.5, 1.1)
    along = (x * math.cos(angle) + y * math.sin(angle)) / rng.uniform(95, 125)
    across = (along + rng.random()) % 1 - 0.5
    streaks = np.exp(-((across / 0.1) ** 2)) + 0.5 * np.exp(-(((across - 0.28) / 0.05) ** 2))
    return 0.94 - 0.3 * np.abs(across), 0.62 * np.clip(streaks, 0, 1)


def _metal(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Brushed: fine lines across, and hard bands of light and dark."""
    bands = np.sin(x / rng.uniform(10, 13) + rng.uniform(0, 6)) * np.ones(shape, np.float32)
    brushed = noise_patch(10, (shape[0], 1), rng)
    return 1 + 0.38 * bands + 0.08 * brushed, 0.55 * np.clip(bands - 0.5, 0, 1)


def _canvas(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """A coarse basket weave."""
    side = rng.uniform(8, 10)
    checks = (np.floor(x / side) + np.floor(y / side)) % 2
    return 0.85 + 0.3 * checks + 0.04 * noise_patch(10, shape, rng), None


def _unlike_any(x: Field, y: Field, shape: tuple[int, int], inside: Field, rng: np.random.Generator):
    """Like no named material: smooth, or clouds, fur or smudges in any strength."""
    if rng.random() < 0.5:
        return 1 + rng.uniform(0, 0.05) * noise_patch(int(rng.choice((40, 80))), shape, rng), None
    grains = rng.choice((4, 8, 16, 40, 80), size=3, replace=False)
    strengths = rng.uniform(0.02, 0.2, 3)
    shade = 1 + sum(
        strength * noise_patch(int(grain), shape, rng) for grain, strength in zip(grains, strengths, strict=True)
    )
    gloss = rng.uniform(0, 0.25) * np.clip(noise_patch(40, shape, rng), 0, 2) if rng.random() < 0.5 else None
    return shade, gloss


_TEXTURES = {
    Material.LEATHER: _leather,
    Material.DENIM: _denim,
    Material.KNIT: _knit,
    Material.WOVEN: _woven,
    Material.SYNTHETIC: _synthetic,
    Material.METAL: _metal,
    Material.CANVAS: _canvas,
    Material.UNKNOWN: _unlike_any,
}
