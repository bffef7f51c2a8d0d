"""How each pattern looks: the share of the second colour at each pixel."""

import math

import numpy as np

from fashion_assets.demo.textures import Field, noise_patch
from fashion_assets.demo.vocabulary import Pattern


def pattern_blend(pattern: str, x: Field, y: Field, rng: np.random.Generator) -> Field | None:
    """Share of the second colour (0 to 1) over the pixel grid (x: (1, w), y: (h, 1)); None for a solid colour."""
    if pattern == Pattern.SOLID:
        return None
    tilt = rng.normal(0, 0.05)
    along = x * math.cos(tilt) + y * math.sin(tilt) + rng.uniform(0, 60)
    down = y * math.cos(tilt) - x * math.sin(tilt) + rng.uniform(0, 60)
    return _BLENDS[Pattern(pattern)](along, down, rng).astype(np.float32)


def _striped(x: Field, y: Field, rng: np.random.Generator) -> Field:
    period = rng.uniform(24, 36)
    across = (x if rng.random() < 0.5 else y) / period % 1
    return across < rng.uniform(0.32, 0.5)


def _floral(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Flowers of five petals around a pale centre, in staggered rows."""
    u, v = _staggered(x, y, rng.uniform(42, 52))
    radius, angle = np.hypot(u, v), np.arctan2(v, u)
    petals = radius < 0.16 + 0.2 * np.abs(np.cos(2.5 * angle))
    return petals * np.where(radius < 0.1, 0.3, 1.0)


def _geometric(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Diamonds, triangles or zigzags."""
    period = rng.uniform(32, 42)
    u, v = x / period % 1, y / period % 1
    kind = rng.integers(3)
    if kind == 0:
        return np.abs(u - 0.5) + np.abs(v - 0.5) < 0.36
    if kind == 1:
        return u > v
    return (y / period + np.abs(u - 0.5) * 1.4) % 1 < 0.42


def _polka_dots(x: Field, y: Field, rng: np.random.Generator) -> Field:
    u, v = _staggered(x, y, rng.uniform(26, 36))
    return u * u + v * v < rng.uniform(0.06, 0.1)


def _checkered(x: Field, y: Field, rng: np.random.Generator) -> Field:
    period = rng.uniform(28, 40)
    return ((x / period % 1 < 0.5).astype(np.float32) + (y / period % 1 < 0.5)) / 2


def _abstract(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Large irregular blots in two strengths, like camouflage."""
    blots = noise_patch(32, (y.shape[0], x.shape[1]), rng)
    return (blots > 0.05) * 0.6 + (blots > 0.8) * 0.4


def _unlike_any(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Colours that blend into each other, as in no named pattern."""
    clouds = noise_patch(int(rng.choice((16, 40, 80))), (y.shape[0], x.shape[1]), rng)
    return np.clip(0.5 + rng.uniform(0.1, 0.5) * clouds, 0, 1)


def _staggered(x: Field, y: Field, period: float) -> tuple[Field, Field]:
    """Position within the cells (-0.5 to 0.5) of a grid whose every other row is shifted by half a cell."""
    row = np.floor(y / period)
    return (x / period + row % 2 / 2) % 1 - 0.5, y / period % 1 - 0.5


_BLENDS = {
    Pattern.STRIPED: _striped,
    Pattern.FLORAL: _floral,
    Pattern.GEOMETRIC: _geometric,
    Pattern.POLKA_DOTS: _polka_dots,
    Pattern.CHECKERED: _checkered,
    Pattern.ABSTRACT: _abstract,
    Pattern.NO_CLEAR: _unlike_any,
}
