"""Training batches of the demo CLIP: photos, each with short queries and one long caption, and which photos fit which.

Every other batch is of a few article types only: there "jacket" tells little, and colour, material, pattern and details
must decide. How the batches teach is in `stages.py`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.vocabulary import ATTRIBUTES, Material, Pattern
from training.clip.caption_words import ARTICLE_WORDS, GROUP_WORDS
from training.clip.captions import TRAITS, Caption, description_caption, phrase_caption, short_caption, traits_of
from training.training_set import TrainingSet
from training.vlm.batches import pixels_of

SHORT_CAPTIONS = 2
"""Short queries a photo: with few tokens each they cost little next to the photo."""

_VALUES: dict[str, list] = {
    "article": list(ARTICLE_WORDS),
    "group": [None, *GROUP_WORDS],
    "colour": list(PALETTE),
    **{key: [None, *ATTRIBUTES[key].vocabulary.values()] for key in TRAITS if key in ATTRIBUTES},
}
_CODES = {pair: code for code, pair in enumerate((t, value) for t in TRAITS for value in _VALUES.get(t, (False, True)))}
TRAIT_CODES = len(_CODES)
"""How many values all traits have together."""

_SEEN = ("material", "pattern")
_FEW_ARTICLES_SHARE = 0.5
_FEW_ARTICLES = (4, 8)
_DESCRIPTION_SHARE = 0.3
_COMPLETENESS = (0.7, 1.0, 1.0)


@dataclass(frozen=True)
class CaptionBatch:
    """The captions of a batch of n products.

    `numbers` (n,) says which products, `traits` (n, traits) holds the codes of `trait_matrix`. `short` holds
    SHORT_CAPTIONS texts for each product, `long` one; `short_fits` (SHORT_CAPTIONS * n, n) and `long_fits` (n, n) are
    bool: has the product all that the text mentions?
    """

    numbers: np.ndarray
    traits: torch.Tensor
    short: list[str]
    long: list[str]
    short_fits: torch.Tensor
    long_fits: torch.Tensor


def caption_batches(products: list[DemoProduct], batch_size: int, seed: int) -> Iterator[CaptionBatch]:
    """Batches of captions of `products`, without end."""
    rng, text_rng = np.random.default_rng(seed), random.Random(seed)
    articles = np.array([product.article.name for product in products])
    traits, described = trait_matrix(products), [description_caption(product) for product in products]
    while True:
        numbers = batch_numbers(articles, batch_size, rng)
        short = [short_caption(products[i], text_rng) for _ in range(SHORT_CAPTIONS) for i in numbers]
        long = [_long_caption(products[i], described[i], text_rng) for i in numbers]
        batch_traits = traits[numbers]
        yield CaptionBatch(
            numbers=numbers,
            traits=batch_traits,
            short=[caption.text for caption in short],
            long=[caption.text for caption in long],
            short_fits=fits(short, batch_traits.repeat(SHORT_CAPTIONS, 1), batch_traits),
            long_fits=fits(long, batch_traits, batch_traits),
        )


def photo_batches(
    sets: Iterator[TrainingSet], batch_size: int, seed: int
) -> Iterator[tuple[torch.Tensor, CaptionBatch]]:
    """Photos, float (n, 3, SIDE, SIDE), with their captions, without end.

    About as many photos are drawn from a training set as it has, then comes the next.
    """
    for epoch, data in enumerate(sets):
        batches = caption_batches(data.products, batch_size, seed=1000 * seed + epoch)
        for batch in islice(batches, max(1, len(data.products) // batch_size)):
            yield pixels_of(data.photos[batch.numbers]), batch


def describable(data: TrainingSet) -> TrainingSet:
    """Without ruined photos and things of unknown material or pattern, which have hardly any captions."""
    unclear = {Material.UNKNOWN, Pattern.NO_CLEAR}
    kept = [i for i, product in enumerate(data.products) if unclear.isdisjoint(map(product.truth.get, _SEEN))]
    return TrainingSet(data.photos[kept], [data.products[i] for i in kept])


def batch_numbers(articles: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Which `count` products, of those with `articles` (n,), make a batch: any, or those of a few types."""
    places = np.arange(len(articles))
    if rng.random() < _FEW_ARTICLES_SHARE:
        kinds = np.unique(articles)
        number = min(len(kinds), int(rng.integers(_FEW_ARTICLES[0], _FEW_ARTICLES[1] + 1)))
        places = np.flatnonzero(np.isin(articles, rng.choice(kinds, number, replace=False)))
    return rng.choice(places, count, replace=len(places) < count)


def trait_matrix(products: list[DemoProduct]) -> torch.Tensor:
    """(products, traits): a number below TRAIT_CODES for each trait's value; no two traits share a number."""
    rows = [traits_of(product) for product in products]
    return torch.tensor([[_CODES[trait, row[trait]] for trait in TRAITS] for row in rows])


def fits(captions: list[Caption], caption_traits: torch.Tensor, photo_traits: torch.Tensor) -> torch.Tensor:
    """(captions, photos): does a photo have every trait that the caption mentions? `own` are the captions' products."""
    mentioned = torch.tensor([[trait in caption.mentioned for trait in TRAITS] for caption in captions])
    return ((caption_traits[:, None] == photo_traits[None]) | ~mentioned[:, None]).all(-1)


def _long_caption(product: DemoProduct, description: Caption, rng: random.Random) -> Caption:
    if rng.random() < _DESCRIPTION_SHARE:
        return description
    return phrase_caption(product, rng, completeness=rng.choice(_COMPLETENESS))
