"""Training batches of the demo CLIP: photos, each with short queries and one long caption, and which photos fit which.

Every other batch is of a few article types only: there "jacket" tells little, and colour, material, pattern and details
must decide. How the batches teach is in `train_clip.py`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.captions import TRAITS, Caption, descriptions, phrase_caption, short_caption, traits_of
from fashion_assets.demo.training_set import TrainingSet
from fashion_assets.demo.vlm_batches import pixels_of

SHORT_CAPTIONS = 2
"""Short queries a photo: with few tokens each they cost little next to the photo."""

_FEW_ARTICLES_SHARE = 0.5
_FEW_ARTICLES = (4, 8)
_DESCRIPTION_SHARE = 0.3
_COMPLETENESS = (0.7, 1.0, 1.0)


@dataclass(frozen=True)
class ClipBatch:
    """Photos with their captions.

    `pixels` is float (n, 3, SIDE, SIDE); `short` holds SHORT_CAPTIONS texts for each photo, `long` one; `short_fits`
    (SHORT_CAPTIONS * n, n) and `long_fits` (n, n) are bool: does the photo have all that the text mentions?
    """

    pixels: torch.Tensor
    short: list[str]
    long: list[str]
    short_fits: torch.Tensor
    long_fits: torch.Tensor


def clip_batches(sets: Iterator[TrainingSet], batch_size: int, seed: int) -> Iterator[ClipBatch]:
    """Batches without end; about as many photos are drawn from a training set as it has, then comes the next."""
    rng, text_rng = np.random.default_rng(seed), random.Random(seed)
    for data in sets:
        readable = np.array([i for i, product in enumerate(data.products) if product.clarity != "ruined"])
        products = [data.products[i] for i in readable]
        articles = np.array([product.article.name for product in products])
        traits, described = trait_matrix(products), descriptions(products)
        for _ in range(max(1, len(readable) // batch_size)):
            chosen = photo_numbers(articles, batch_size, rng)
            short = [short_caption(products[i], text_rng) for _ in range(SHORT_CAPTIONS) for i in chosen]
            long = [_long_caption(products[i], described[i], text_rng) for i in chosen]
            own = traits[chosen]
            yield ClipBatch(
                pixels=pixels_of(data.photos[readable[chosen]]),
                short=[caption.text for caption in short],
                long=[caption.text for caption in long],
                short_fits=fits(short, own.repeat(SHORT_CAPTIONS, 1), own),
                long_fits=fits(long, own, own),
            )


def photo_numbers(articles: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Which `count` photos, of products with `articles` (n,), make a batch: any, or those of a few article types."""
    places = np.arange(len(articles))
    if rng.random() < _FEW_ARTICLES_SHARE:
        kinds = np.unique(articles)
        number = min(len(kinds), int(rng.integers(_FEW_ARTICLES[0], _FEW_ARTICLES[1] + 1)))
        places = np.flatnonzero(np.isin(articles, rng.choice(kinds, number, replace=False)))
    return rng.choice(places, count, replace=len(places) < count)


def trait_matrix(products: list[DemoProduct]) -> torch.Tensor:
    """(products, traits): a number for each trait's value, comparable within a column."""
    rows = [traits_of(product) for product in products]
    codes: dict[tuple[str, object], int] = {}
    return torch.tensor([[codes.setdefault((t, row[t]), len(codes)) for t in TRAITS] for row in rows])


def fits(captions: list[Caption], own: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """(captions, photos): does a photo have every trait that the caption mentions? `own` are the captions' products."""
    mentioned = torch.tensor([[trait in caption.mentioned for trait in TRAITS] for caption in captions])
    return ((own[:, None] == others[None]) | ~mentioned[:, None]).all(-1)


def _long_caption(product: DemoProduct, description: Caption, rng: random.Random) -> Caption:
    if rng.random() < _DESCRIPTION_SHARE:
        return description
    return phrase_caption(product, rng, completeness=rng.choice(_COMPLETENESS))
