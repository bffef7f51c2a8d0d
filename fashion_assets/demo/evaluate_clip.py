"""Scoring a demo CLIP: does it find photos by words?"""

import random
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.captions import TRAITS, full_caption, query_caption, traits_of
from fashion_assets.demo.evaluation_set import EVALUATION_SEED, shop_photo, world
from fashion_assets.photos import letterbox


@dataclass(frozen=True)
class ClipScores:
    """Text to photo over `products` distinct products.

    Recall with full captions (the own photo among the first 1 or 5), and the precision of the first 5 for queries of
    an article with one or two traits.
    """

    products: int
    recall_at_1: float
    recall_at_5: float
    precision_at_5_one_trait: float
    precision_at_5_two_traits: float


def evaluate_clip(folder: Path, products: int, seed: int = EVALUATION_SEED) -> ClipScores:
    """Search `products` photos by captions, with the model in `folder`."""
    import open_clip
    import torch

    from fashion_assets.demo.train_clip import fits, trait_matrix

    rng = random.Random(seed)
    sampled = _distinct(products, seed)
    traits = trait_matrix(sampled)
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    model.eval()
    with torch.inference_mode():
        pixels = torch.stack([prepare(letterbox(shop_photo(product))) for product in sampled])
        photos = torch.cat([model.encode_image(chunk, normalize=True) for chunk in pixels.split(100)])
        captions = [full_caption(product, rng) for product in sampled]
        texts = model.encode_text(tokenizer([caption.text for caption in captions]), normalize=True)
        order = (texts @ photos.T).argsort(1, descending=True)
        rank = (order == torch.arange(products)[:, None]).float().argmax(1)

        def precision_at_5(trait_count: int) -> float:
            queries = [query_caption(product, _some_traits(product, trait_count, rng), rng) for product in sampled]
            found = model.encode_text(tokenizer([query.text for query in queries]), normalize=True) @ photos.T
            right = fits(queries, traits, traits)
            shares = []
            for scores, matches in zip(found, right, strict=True):
                top = scores.topk(min(5, int(matches.sum()))).indices
                shares.append(matches[top].float().mean().item())
            return sum(shares) / len(shares)

        return ClipScores(
            products=products,
            recall_at_1=(rank < 1).float().mean().item(),
            recall_at_5=(rank < 5).float().mean().item(),
            precision_at_5_one_trait=precision_at_5(1),
            precision_at_5_two_traits=precision_at_5(2),
        )


def _distinct(count: int, seed: int) -> list[DemoProduct]:
    """Products of the balanced mix that differ in what can be said about them, with photos that show it."""
    chosen: dict[tuple, DemoProduct] = {}
    for product in world(seed, "balanced"):
        if product.clarity in ("clear", "soft"):
            traits = traits_of(product)
            chosen.setdefault(tuple(traits[trait] for trait in TRAITS), product)
        if len(chosen) == count:
            return list(chosen.values())
    raise AssertionError("the world is endless")


def _some_traits(product: DemoProduct, count: int, rng: random.Random) -> tuple[str, ...]:
    options = ["colour", "material"] + (["pattern"] if product.pattern != "solid color" else [])
    return tuple(rng.sample(options, count))
