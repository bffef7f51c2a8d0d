"""Training photos at model resolution, newly rendered for every epoch by a process pool, kept in a cache folder.

The photos are processed as in the pipeline: JPEG, `letterbox`, resizing to the model's square. Attributes are not
stored, because `training_product` recomputes them.
"""

import hashlib
import io
import itertools
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.models import SIDE
from fashion_assets.demo.render import RENDERER_VERSION, render
from fashion_assets.demo.vocabulary import Material, Pattern
from fashion_assets.models.photos import letterbox

TRAINING_SEED = 100
"""The seed of the training products; catalogs and evaluations have other seeds."""

_CHUNK = 250
_UNLIKE_ANY_EVERY = 10
_SMALLER_SHARE = 0.3
# Pipelines resize photos in different ways; a model should be robust to that.
_RESAMPLINGS = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX)


@dataclass(frozen=True)
class TrainingSet:
    """`photos` is uint8 (n, SIDE, SIDE, 3); `products` are the n products in the same order."""

    photos: np.ndarray
    products: list[DemoProduct]


def is_held_out(product: DemoProduct) -> bool:
    """Whether the combination of type, material, pattern and colour is one of the twelfth that is never trained on."""
    combination = f"{product.article.name}|{product.material}|{product.pattern}|{product.colour}"
    return hashlib.md5(combination.encode()).digest()[0] % 12 == 0


def training_product(seed: int, index: int) -> DemoProduct:
    """Two of three training products are from the balanced mix, so that the photo and not the type decides.

    One of ten has a material of no known look, half of these with no clear pattern either, because a model that was
    never trained on the unknown would give everything a known name.
    """
    product = sample_product(seed, index, "catalog" if index % 3 == 0 else "balanced")
    if index % _UNLIKE_ANY_EVERY == 5:
        product = replace(product, material=Material.UNKNOWN.value)
    if index % (2 * _UNLIKE_ANY_EVERY) == 5:
        product = replace(product, pattern=Pattern.NO_CLEAR.value)
    return product


def as_model_sees(
    photo: Image.Image,
    quality: int = 88,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
    scale: float = 1.0,
) -> np.ndarray:
    """A photo after JPEG, letterbox and shrinking: uint8 (SIDE, SIDE, 3); a `scale` below 1 leaves a wider margin."""
    if scale < 1:
        margin = Image.new("RGB", photo.size, photo.getpixel((2, 2)))
        smaller = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BILINEAR)
        margin.paste(smaller, ((photo.width - smaller.width) // 2, (photo.height - smaller.height) // 2))
        photo = margin
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=quality)
    return np.asarray(letterbox(Image.open(stream)).resize((SIDE, SIDE), resampling))


def training_sets(
    cache: Path, count: int, seed: int = TRAINING_SEED, processes: int = 2, first: int = 0
) -> Iterator[TrainingSet]:
    """Training sets without end, each of other products; `first` is the number of the one to begin with."""
    for epoch in itertools.count(first):
        yield load_training_set(cache, count, seed, epoch, processes)


def load_training_set(
    cache: Path, count: int, seed: int = TRAINING_SEED, epoch: int = 0, processes: int = 2
) -> TrainingSet:
    """The products `epoch * count` and following, less the held-out ones; rendered first if the cache has them not."""
    file = cache / f"photos_v{RENDERER_VERSION}_{seed}_{count}_{epoch}.npy"
    indexes = range(epoch * count, (epoch + 1) * count)
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        chunks = [indexes[start : start + _CHUNK] for start in range(0, count, _CHUNK)]
        part = file.with_suffix(".part")
        photos = np.lib.format.open_memmap(part, "w+", np.uint8, (count, SIDE, SIDE, 3))
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for chunk, rendered in zip(chunks, pool.map(_render_chunk, [seed] * len(chunks), chunks), strict=True):
                photos[chunk.start - indexes.start : chunk.stop - indexes.start] = rendered
        photos.flush()
        part.rename(file)
    products = [training_product(seed, index) for index in indexes]
    kept = np.array([place for place, product in enumerate(products) if not is_held_out(product)])
    return TrainingSet(np.load(file, mmap_mode="r")[kept], [products[place] for place in kept])


def _render_chunk(seed: int, indexes: range) -> np.ndarray:
    photos = np.empty((len(indexes), SIDE, SIDE, 3), np.uint8)
    for place, index in enumerate(indexes):
        rng = np.random.default_rng((seed, index, 2))
        scale = rng.uniform(0.75, 1) if rng.random() < _SMALLER_SHARE else 1.0
        quality, resampling = int(rng.integers(60, 96)), _RESAMPLINGS[rng.integers(len(_RESAMPLINGS))]
        photos[place] = as_model_sees(render(training_product(seed, index)), quality, resampling, scale)
    return photos
