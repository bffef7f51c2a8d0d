"""Training photos at model resolution: rendered once by a process pool, kept in an ignored cache folder.

The photos go through what the pipeline's photos go through: JPEG, `letterbox`, shrinking to the model's square.
Attributes are not stored: `sample_product` gives them again.
"""

import hashlib
import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.render import RENDERER_VERSION, render
from fashion_assets.photos import letterbox

SIDE = 120
"""Side in pixels of the square that both demo models look at."""

TRAINING_SEED = 100
"""The world of the training products; catalogs and evaluations are drawn from other worlds."""

_CHUNK = 250
# Pipelines shrink photos in different ways; a model should not care.
_RESAMPLINGS = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX)


@dataclass(frozen=True)
class TrainingSet:
    """`photos` is uint8 (n, SIDE, SIDE, 3); `products` are the n products in the same order."""

    photos: np.ndarray
    products: list[DemoProduct]


def is_held_out(product: DemoProduct) -> bool:
    """One of twelve combinations of type, material, pattern and colour is never trained on."""
    combination = f"{product.article.name}|{product.material}|{product.pattern}|{product.colour}"
    return hashlib.md5(combination.encode()).digest()[0] % 12 == 0


def training_product(seed: int, index: int) -> DemoProduct:
    """Two of three training products are from the balanced mix, so that the photo and not the type decides."""
    return sample_product(seed, index, "catalog" if index % 3 == 0 else "balanced")


def as_model_sees(
    photo: Image.Image, quality: int = 88, resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> np.ndarray:
    """A photo after JPEG, letterbox and shrinking: uint8 (SIDE, SIDE, 3)."""
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=quality)
    return np.asarray(letterbox(Image.open(stream)).resize((SIDE, SIDE), resampling))


def load_training_set(cache: Path, count: int, seed: int = TRAINING_SEED, processes: int = 2) -> TrainingSet:
    """The training set of `count` rendered products less the held-out ones; rendered first if the cache has none."""
    file = cache / f"photos_v{RENDERER_VERSION}_{seed}_{count}.npy"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        starts = range(0, count, _CHUNK)
        photos = np.lib.format.open_memmap(file.with_suffix(".part"), "w+", np.uint8, (count, SIDE, SIDE, 3))
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            sizes = [min(_CHUNK, count - start) for start in starts]
            for start, chunk in zip(starts, pool.map(_render_chunk, [seed] * len(starts), starts, sizes), strict=True):
                photos[start : start + len(chunk)] = chunk
        photos.flush()
        file.with_suffix(".part").rename(file)
    products = [training_product(seed, index) for index in range(count)]
    kept = np.array([index for index, product in enumerate(products) if not is_held_out(product)])
    return TrainingSet(np.load(file, mmap_mode="r")[kept], [products[index] for index in kept])


def _render_chunk(seed: int, start: int, size: int) -> np.ndarray:
    photos = np.empty((size, SIDE, SIDE, 3), np.uint8)
    for offset in range(size):
        rng = np.random.default_rng((seed, start + offset, 2))
        photo = render(training_product(seed, start + offset))
        photos[offset] = as_model_sees(photo, int(rng.integers(70, 95)), _RESAMPLINGS[rng.integers(len(_RESAMPLINGS))])
    return photos
