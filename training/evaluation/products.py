"""The products that score the demo models: freshly rendered, from worlds that no training saw."""

import io
from collections.abc import Iterator
from typing import Literal

from PIL import Image

from fashion_assets.demo.attributes import DemoProduct, Mix, sample_product
from fashion_assets.demo.render import jpeg
from training.training_set import is_held_out

EVALUATION_SEED = 7
Selection = Literal["catalog", "balanced", "unseen"]
"""Which products: a shop's mix, the balanced mix, or only combinations that were kept out of training."""


def evaluation_products(count: int, seed: int, selection: Selection) -> list[DemoProduct]:
    """The first `count` products of a selection."""
    mix = "catalog" if selection == "catalog" else "balanced"
    matching = (p for p in world(seed, mix) if selection != "unseen" or is_held_out(p))
    return [product for product, _ in zip(matching, range(count), strict=False)]


def shop_photo(product: DemoProduct) -> Image.Image:
    """The product's photo, having been a JPEG."""
    return Image.open(io.BytesIO(jpeg(product))).convert("RGB")


def world(seed: int, mix: Mix) -> Iterator[DemoProduct]:
    """All products of a world, without end."""
    index = 0
    while True:
        yield sample_product(seed, index, mix)
        index += 1
