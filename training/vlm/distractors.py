"""Training photos without a product to describe: blank or noisy ones, jumbled ones, and other things.

The photos of nothing that score a model are drawn by other rules, in `training.evaluation.nothing_to_see`.
"""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fashion_assets.demo.models import SIDE
from fashion_assets.demo.textures import noise_patch
from fashion_assets.demo.vocabulary import Collar, Confidence, Fit, Formality, Material, Pattern, Sleeves

NOTHING_SEEN = {
    "material": Material.UNKNOWN.value,
    "pattern": Pattern.NO_CLEAR.value,
    "confidence": Confidence.LOW.value,
    "formality": Formality.CASUAL.value,
    "style_keywords": [],
    "details": [],
    "collar": Collar.NOT_APPLICABLE.value,
    "sleeves": Sleeves.NOT_APPLICABLE.value,
    "fit": Fit.CANNOT_DETERMINE.value,
    "article": None,
    "colour": None,
}
"""The right answers about a photo that shows nothing, or nothing that belongs together."""

_PALE = (225, 256)


def distractors(photos: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blank, jumbled and strange photos, a third each, in place of `photos`: uint8 (n, SIDE, SIDE, 3)."""
    third = len(photos) // 3
    jumbled = jumbled_photos(photos[2 * third :], rng)
    return np.concatenate([blank_photos(third, rng), strange_photos(third, rng), jumbled])


def blank_photos(count: int, rng: np.random.Generator) -> np.ndarray:
    """Photos that show nothing: plain, a gradient, or noise; uint8 (count, SIDE, SIDE, 3)."""
    photos = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for photo in photos:
        kind = rng.integers(4)
        if kind == 0:
            photo[:] = rng.integers(0, 256, 3) if rng.random() < 0.5 else rng.integers(0, 256)
        elif kind == 1:
            photo[:] = np.linspace(rng.integers(0, 256, 3), rng.integers(0, 256, 3), SIDE)[:, None]
        else:
            channels = int(rng.choice((1, 3)))
            grain = 1 if kind == 2 else int(rng.choice((2, 3, 4, 6, 12)))
            noise = rng.normal(rng.integers(60, 200), rng.uniform(10, 90), (SIDE // grain, SIDE // grain, channels))
            photo[:] = noise.repeat(grain, 0).repeat(grain, 1).clip(0, 255)
        if rng.random() < 0.5:  # as a photo of 3:4 is letterboxed
            photo[:, : SIDE // 8] = photo[:, -SIDE // 8 :] = 255
    return photos


def jumbled_photos(photos: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Photos whose pieces are shuffled, or two of which lie over each other; uint8 (n, SIDE, SIDE, 3) as `photos`."""
    jumbled = np.empty_like(photos)
    for place, photo in enumerate(photos):
        if rng.random() < 0.6:
            pieces = int(rng.choice((3, 4, 5, 6)))
            side = SIDE // pieces
            grid = photo.reshape(pieces, side, pieces, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
            grid = rng.permutation(grid).reshape(pieces, pieces, side, side, 3)
            jumbled[place] = grid.swapaxes(1, 2).reshape(SIDE, SIDE, 3)
        else:
            other = photos[rng.integers(len(photos))][::-1]
            jumbled[place] = (photo.astype(np.float32) + other) / 2
    return jumbled


def strange_photos(count: int, rng: np.random.Generator) -> np.ndarray:
    """Things of a few round or angular parts, smooth or mottled, before one colour; uint8 (count, SIDE, SIDE, 3)."""
    photos = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for photo in photos:
        background = np.repeat(rng.integers(*_PALE), 3) if rng.random() < 0.7 else rng.integers(150, 256, 3)
        image = Image.new("RGB", (SIDE, SIDE), tuple(int(channel) for channel in background))
        for _ in range(rng.integers(1, 7)):
            mask = Image.new("L", (SIDE, SIDE), 0)
            ImageDraw.Draw(mask).polygon(_part(rng), fill=255)
            mask = mask.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.2)))
            image.paste(_surface(rng), (0, 0), mask)
        photo[:] = np.asarray(image)
    return photos


def _part(rng: np.random.Generator) -> list[tuple[float, float]]:
    """A blob of 3 to 24 corners, of any size, somewhere near the middle."""
    corners = int(rng.integers(3, 25))
    roughness = rng.uniform(0, 0.35)
    x, y = rng.normal(SIDE / 2, SIDE / 7, 2)
    wide, high = rng.uniform(SIDE / 16, SIDE / 2.4, 2)
    turn = rng.uniform(0, 2 * math.pi)
    path = []
    for number in range(corners):
        angle = turn + 2 * math.pi * number / corners
        far = 1 + rng.normal(0, roughness)
        path.append((x + wide * far * math.cos(angle), y + high * far * math.sin(angle)))
    return path


def _surface(rng: np.random.Generator) -> Image.Image:
    """Any colour, shaded from one side to another, with soft marks and hard lines in some."""
    base = np.repeat(rng.integers(10, 256), 3) if rng.random() < 0.4 else rng.integers(0, 256, 3)
    across = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)
    shade = 1 + rng.uniform(-0.5, 0.5) * across[None, :] + rng.uniform(-0.5, 0.5) * across[:, None]
    if rng.random() < 0.6:
        shade = shade + rng.uniform(0, 0.25) * noise_patch(int(rng.choice((2, 4, 8, 16, 40))), (SIDE, SIDE), rng)
    if rng.random() < 0.2:
        shade = shade - 0.3 * (noise_patch(int(rng.choice((4, 8, 16))), (SIDE, SIDE), rng) > rng.uniform(0, 2))
    return Image.fromarray((base * shade[..., None]).clip(0, 255).astype(np.uint8))
