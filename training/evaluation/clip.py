"""Scoring a demo CLIP: does it find photos by words?

Two questions, both about freshly rendered products of a world that no training saw, in the balanced mix and with photos
that show them (clear or a little soft).

Recall: among 500 products that differ in what can be said about them, is a product's own photo the first, or among the
first five, for its full caption?

Precision: among 2,000 products, what share of the first five photos has everything that a short query asks for? The
queries are the 40 of two words and 40 of three words in `clip_queries.py`. Where fewer than MATCHES of the products
fit a query, the same world is followed on and the next products that fit are added, so that five right answers always
exist; the score of a query is never higher than the photos, and not the choice of products, allow.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.models.photos import letterbox
from training.clip.captions import TRAITS, full_caption, traits_of
from training.evaluation.clip_queries import QUERIES, ClipQuery
from training.evaluation.products import EVALUATION_SEED, shop_photo, world

if TYPE_CHECKING:
    import torch

MATCHES = 10
"""At least so many photos of the gallery fit a query."""

WORST = 10
"""So many of the worst queries are named."""

_CHUNK = 100


@dataclass(frozen=True)
class ClipScores:
    """Text to photo: recall over `products` distinct products, precision over a gallery of `gallery` products.

    Recall is with full captions (the own photo among the first 1 or 5), precision that of the first 5 for short
    queries; `worst_queries` are those of the lowest precision with it, worst first. All are shares, 0 to 1.
    """

    products: int
    gallery: int
    recall_at_1: float
    recall_at_5: float
    precision_at_5_two_words: float
    precision_at_5_three_words: float
    worst_queries: tuple[tuple[str, float], ...]


def evaluate_clip(
    folder: Path,
    products: int,
    seed: int = EVALUATION_SEED,
    gallery: int = 2000,
    queries: Sequence[ClipQuery] = QUERIES,
) -> ClipScores:
    """Search `products` by captions and a gallery by `queries`, with the model in `folder`.

    With the defaults and 500 products it takes just under a minute, most of it for rendering 2,800 photos.
    """
    model = _Searcher(folder)
    recall = _ranks_of_own_photo(model, distinct_products(products, seed), random.Random(seed))
    photographed = gallery_products(gallery, seed, queries)
    precision = _precisions(model, photographed, queries)
    return ClipScores(
        products=products,
        gallery=len(photographed),
        recall_at_1=mean(rank < 1 for rank in recall),
        recall_at_5=mean(rank < 5 for rank in recall),
        precision_at_5_two_words=mean(share for text, share in precision.items() if len(text.split()) == 2),
        precision_at_5_three_words=mean(share for text, share in precision.items() if len(text.split()) == 3),
        worst_queries=tuple(sorted(precision.items(), key=lambda item: item[1])[:WORST]),
    )


def clip_rows(scores: ClipScores) -> list[tuple[str, str]]:
    """What each figure is, and the figure: the rows of the model card's table."""
    worst = ", ".join(f"{text} ({share:.1f})" for text, share in scores.worst_queries[:5])
    return [
        (f"full caption, own photo first of {scores.products} (R@1)", f"{scores.recall_at_1:.2f}"),
        (f"full caption, own photo among the first five of {scores.products} (R@5)", f"{scores.recall_at_5:.2f}"),
        (
            f'query of two words ("striped shirt"), right ones of the first five of {scores.gallery} (P@5)',
            f"{scores.precision_at_5_two_words:.2f}",
        ),
        (
            f'query of three words ("red leather jacket"), right ones of the first five of {scores.gallery} (P@5)',
            f"{scores.precision_at_5_three_words:.2f}",
        ),
        ("the five queries with the lowest P@5", worst),
    ]


def distinct_products(count: int, seed: int) -> list[DemoProduct]:
    """Products whose full captions differ."""
    chosen: dict[tuple, DemoProduct] = {}
    for product in _shown(seed):
        chosen.setdefault(tuple(traits_of(product)[trait] for trait in TRAITS), product)
        if len(chosen) == count:
            break
    return list(chosen.values())


def gallery_products(count: int, seed: int, queries: Sequence[ClipQuery] = QUERIES) -> list[DemoProduct]:
    """The first `count` products of a world, and of the following those that a query has too few of."""
    products = _shown(seed)
    gallery: list[DemoProduct] = []
    missing = dict.fromkeys(range(len(queries)), MATCHES)
    while len(gallery) < count or missing:
        product = next(products)
        traits = traits_of(product)
        fitted = [number for number in missing if queries[number].fits(traits)]
        if fitted or len(gallery) < count:
            gallery.append(product)
        for number in fitted:
            missing[number] -= 1
            if not missing[number]:
                del missing[number]
    return gallery


class _Searcher:
    """A loaded model that embeds photos of products and texts as unit vectors (n, dimension)."""

    def __init__(self, folder: Path):
        import open_clip

        self.model, _, self.prepare = open_clip.create_model_and_transforms(f"local-dir:{folder}")
        self.tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
        self.model.eval()

    def photos(self, products: Sequence[DemoProduct]) -> "torch.Tensor":
        import torch

        vectors = []
        with torch.inference_mode():
            for start in range(0, len(products), _CHUNK):
                chunk = products[start : start + _CHUNK]
                pixels = torch.stack([self.prepare(letterbox(shop_photo(product))) for product in chunk])
                vectors.append(self.model.encode_image(pixels, normalize=True))
        return torch.cat(vectors)

    def texts(self, texts: Sequence[str]) -> "torch.Tensor":
        import torch

        with torch.inference_mode():
            return self.model.encode_text(self.tokenizer(list(texts)), normalize=True)


def _ranks_of_own_photo(model: _Searcher, products: list[DemoProduct], rng: random.Random) -> list[int]:
    """For each product: how many photos of others fit its full caption better than its own."""
    scores = model.texts([full_caption(product, rng).text for product in products]) @ model.photos(products).T
    return (scores > scores.diagonal()[:, None]).sum(1).tolist()


def _precisions(model: _Searcher, products: list[DemoProduct], queries: Sequence[ClipQuery]) -> dict[str, float]:
    """By query: the share of the first five photos that fit it."""
    scores = model.texts([query.text for query in queries]) @ model.photos(products).T
    top = scores.topk(5).indices.tolist()
    traits = [traits_of(product) for product in products]
    return {
        query.text: mean(query.fits(traits[place]) for place in places)
        for query, places in zip(queries, top, strict=True)
    }


def _shown(seed: int) -> Iterator[DemoProduct]:
    """The products of a world whose photos show them."""
    return (product for product in world(seed, "balanced") if product.clarity in ("clear", "soft"))
