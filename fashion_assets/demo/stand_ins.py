"""Rendered stand-ins for missing photos of a catalog, to try its size; they say nothing about quality.

A stand-in is a demo product of the most similar article type that can be drawn, in the catalog's colour if the palette
has it. It shows nothing of the real product.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from fashion_assets.demo.articles import ARTICLES, Article
from fashion_assets.demo.attributes import DemoProduct, sample_product_of
from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.render import jpeg

_CHUNK = 200
_ARTICLE = {article.name: article for article in ARTICLES}

_LIKE_TYPE = {
    "Kurtis": "Kurtas", "Kurta Sets": "Kurtas", "Tunics": "Tops", "Lounge Tshirts": "Tshirts",
    "Innerwear Vests": "Tops", "Camisoles": "Tops", "Bra": "Tops", "Shapewear": "Tops", "Shrug": "Sweaters",
    "Waistcoat": "Blazers", "Nehru Jackets": "Blazers", "Suits": "Blazers", "Rain Jacket": "Jackets",
    "Tracksuits": "Sweatshirts", "Robe": "Dresses", "Bath Robe": "Dresses", "Nightdress": "Dresses",
    "Baby Dolls": "Dresses", "Night suits": "Shirts", "Rompers": "Dresses", "Jumpsuit": "Dresses", "Sarees": "Dresses",
    "Lehenga Choli": "Skirts", "Dupatta": "Skirts", "Jeggings": "Jeans", "Leggings": "Track Pants",
    "Tights": "Track Pants", "Stockings": "Track Pants", "Lounge Pants": "Track Pants", "Capris": "Shorts",
    "Lounge Shorts": "Shorts", "Boxers": "Shorts", "Briefs": "Shorts", "Trunk": "Shorts", "Swimwear": "Shorts",
    "Booties": "Casual Shoes", "Suspenders": "Belts", "Flats": "Sandals", "Flip Flops": "Sandals",
    "Sports Sandals": "Sandals", "Rucksacks": "Backpacks", "Duffel Bag": "Backpacks", "Trolley Bag": "Backpacks",
    "Clutches": "Wallets", "Mobile Pouch": "Wallets", "Tablet Sleeve": "Wallets", "Hat": "Caps", "Headband": "Caps",
    "Ties and Cufflinks": "Ties", "Cufflinks": "Watches", "Umbrellas": "Ties", "Wristbands": "Watches",
    "Shoe Laces": "Belts",
}  # fmt: skip
_LIKE_SUB_CATEGORY = {
    "Topwear": "Tops", "Bottomwear": "Trousers", "Innerwear": "Shorts", "Loungewear and Nightwear": "Dresses",
    "Dress": "Dresses", "Apparel Set": "Kurtas", "Saree": "Dresses", "Socks": "Caps", "Bags": "Handbags",
    "Jewellery": "Watches", "Mufflers": "Ties", "Scarves": "Ties", "Stoles": "Ties", "Gloves": "Caps",
    "Headwear": "Caps", "Eyewear": "Sunglasses", "Shoes": "Casual Shoes", "Sandal": "Sandals", "Flip Flops": "Sandals",
}  # fmt: skip
_LIKE_MASTER_CATEGORY = {"Apparel": "Tops", "Footwear": "Casual Shoes", "Accessories": "Handbags"}
_LIKE_ANYTHING_ELSE = "Wallets"

_LIKE_COLOUR = {
    "Charcoal": "Grey", "Grey Melange": "Grey", "Steel": "Silver", "Metallic": "Silver", "Off White": "White",
    "Cream": "Beige", "Skin": "Beige", "Nude": "Beige", "Taupe": "Beige", "Khaki": "Olive", "Mustard": "Yellow",
    "Bronze": "Copper", "Rust": "Orange", "Peach": "Orange", "Burgundy": "Maroon", "Coffee Brown": "Brown",
    "Mushroom Brown": "Brown", "Magenta": "Pink", "Rose": "Pink", "Mauve": "Purple", "Lavender": "Purple",
    "Teal": "Green", "Sea Green": "Green", "Lime Green": "Green", "Fluorescent Green": "Green",
    "Turquoise Blue": "Blue",
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A product of a catalog that needs a photo; `image_path` is relative to the photos' folder."""

    product_id: int
    image_path: str
    master_category: str | None
    sub_category: str | None
    article_type: str | None
    base_color: str | None


@dataclass(frozen=True)
class Written:
    """The numbers of photos that were `rendered`, `copied` from existing ones, and `kept` where they were."""

    rendered: int
    copied: int
    kept: int


def drawable_article(listed: Listed) -> Article:
    """The article that is drawn for a product: its own, or the most similar by type, sub-category and category."""
    if listed.article_type in _ARTICLE:
        return _ARTICLE[listed.article_type]
    for value, alike in (
        (listed.article_type, _LIKE_TYPE),
        (listed.sub_category, _LIKE_SUB_CATEGORY),
        (listed.master_category, _LIKE_MASTER_CATEGORY),
    ):
        if value in alike:
            return _ARTICLE[alike[value]]
    return _ARTICLE[_LIKE_ANYTHING_ELSE]


def stand_in(listed: Listed, seed: int = 0) -> DemoProduct:
    """The demo product that is drawn for a catalog's product: the same on every machine and in every process."""
    product = sample_product_of(drawable_article(listed), seed, listed.product_id)
    colour = _LIKE_COLOUR.get(listed.base_color or "", listed.base_color)
    is_new = colour in PALETTE and colour != product.second_colour
    return replace(product, colour=colour) if is_new else product


def write_stand_ins(
    folder: Path,
    products: Sequence[Listed],
    existing: Path | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda finished, total: None,
    processes: int | None = None,
) -> Written:
    """Write a photo below `folder` for each of `products`: copied from `existing` if it is there, else rendered.

    Photos that are already in `folder` are kept, so that an interrupted call can be repeated.
    """
    to_write = [listed for listed in products if not (folder / listed.image_path).exists()]
    for parent in {(folder / listed.image_path).parent for listed in to_write}:
        parent.mkdir(parents=True, exist_ok=True)
    missing: list[Listed] = []
    for listed in to_write:
        if existing and (existing / listed.image_path).is_file():
            shutil.copyfile(existing / listed.image_path, folder / listed.image_path)
        else:
            missing.append(listed)
    chunks = [missing[start : start + _CHUNK] for start in range(0, len(missing), _CHUNK)]
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        finished = 0
        for count in pool.map(_render, [folder] * len(chunks), chunks, [seed] * len(chunks)):
            finished += count
            progress(finished, len(missing))
    return Written(len(missing), len(to_write) - len(missing), len(products) - len(to_write))


def _render(folder: Path, chunk: Sequence[Listed], seed: int) -> int:
    for listed in chunk:
        photo = folder / listed.image_path
        part = photo.with_name(f"{photo.name}.part")
        part.write_bytes(jpeg(stand_in(listed, seed)))
        part.replace(photo)
    return len(chunk)
