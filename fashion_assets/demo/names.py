"""Demo products as a shop's table lists them: ids, names, seasons, usages and prices.

What the photo shows is in `attributes.py`; the table repeats only some of it, as real tables do.
"""

from dataclasses import dataclass

import numpy as np

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.vocabulary import Collar, Formality, Material, Pattern, Sleeves

_BRANDS = (
    "Arvento", "Belluna", "Cordovan Lane", "Dapperly", "Elmwood", "Fernhill", "Gallivant", "Harbour & Pine", "Indigora",
    "Juniper Row", "Kestrel", "Lumière", "Marlowe", "Nordvik", "Oakfield", "Pallas", "Quillon", "Rivetta", "Solstice",
    "Tamarind", "Umbra", "Velvetine", "Westerly", "Yarrow", "Zephyra",
)  # fmt: skip
_PATTERN_NAMES = {
    Pattern.STRIPED: "Striped", Pattern.FLORAL: "Floral Print", Pattern.GEOMETRIC: "Geometric",
    Pattern.POLKA_DOTS: "Polka Dot", Pattern.CHECKERED: "Checked", Pattern.ABSTRACT: "Abstract Print",
    Pattern.SOLID: "Solid",
}  # fmt: skip
_MATERIAL_NAMES = {
    Material.LEATHER: "Leather", Material.DENIM: "Denim", Material.KNIT: "Knit", Material.METAL: "Steel",
    Material.CANVAS: "Canvas", Material.SYNTHETIC: "Synthetic",
}  # fmt: skip
_COLLAR_NAMES = {Collar.V_NECK: "V-Neck", Collar.TURTLENECK: "Turtleneck", Collar.HOODED: "Hooded"}
_WARM = (Sleeves.SHORT, Sleeves.SLEEVELESS)
_SEASONS = ("Summer", "Winter", "Fall", "Spring")
_MISSING_SHARE = 0.015

FIRST_ID = 10001
"""Ids increase by 1 to 4, so that they have gaps as in the reference catalog."""


@dataclass(frozen=True)
class CatalogEntry:
    """A row of the catalog, as text, in the order of the table's columns."""

    id: str
    gender: str
    master_category: str
    sub_category: str
    article_type: str
    base_colour: str
    season: str
    year: str
    usage: str
    price: str
    name: str

    def fields(self) -> list[str]:
        return list(self.__dict__.values())


def product_id(index: int) -> int:
    """The id of the product number `index`."""
    return FIRST_ID + 3 * index + index * 7 % 3


def catalog_entry(product: DemoProduct) -> CatalogEntry:
    """The row of a product in the shop's table."""
    rng = np.random.default_rng((product.seed, product.index, 3))
    season = _season(product, rng)
    return CatalogEntry(
        id=str(product_id(product.index)),
        gender=product.gender,
        master_category=product.article.master_category,
        sub_category=product.article.sub_category,
        article_type=product.article.name,
        base_colour=product.colour,
        season="NA" if rng.random() < _MISSING_SHARE else season,
        year=str(rng.integers(2011, 2019)),
        usage="NA" if rng.random() < _MISSING_SHARE else _usage(product),
        price=_price(product, rng),
        name=_name(product, rng),
    )


def _name(product: DemoProduct, rng: np.random.Generator) -> str:
    """ "Arvento Men Navy Blue Striped Shirt": sometimes with attributes, and only true ones."""
    words = [str(rng.choice(_BRANDS)), product.gender]
    if rng.random() < 0.75:
        words.append(product.colour)
    if rng.random() < (0.08 if product.pattern == Pattern.SOLID else 0.5):
        words.append(_PATTERN_NAMES[Pattern(product.pattern)])
    if product.material in _MATERIAL_NAMES and rng.random() < 0.3:
        words.append(_MATERIAL_NAMES[Material(product.material)])
    if product.collar in _COLLAR_NAMES and rng.random() < 0.4:
        words.append(_COLLAR_NAMES[Collar(product.collar)])
    return " ".join([*words, str(rng.choice(product.article.names))])


def _season(product: DemoProduct, rng: np.random.Generator) -> str:
    if product.sleeves in _WARM:
        shares = (0.75, 0.03, 0.1, 0.12)
    elif product.sleeves in (Sleeves.LONG, Sleeves.THREE_QUARTER):
        shares = (0.05, 0.45, 0.4, 0.1)
    else:
        shares = (0.35, 0.3, 0.2, 0.15)
    return str(rng.choice(_SEASONS, p=shares))


def _usage(product: DemoProduct) -> str:
    formality = product.truth["formality"]
    if formality == Formality.ATHLETIC:
        return "Sports"
    if product.article.name == "Kurtas":
        return "Ethnic"
    is_dressy = formality in (Formality.FORMAL, Formality.BUSINESS_CASUAL) and product.article.dressiness == "dressy"
    return "Formal" if is_dressy else "Casual"


def _price(product: DemoProduct, rng: np.random.Generator) -> str:
    """Between the type's bounds, cheap ones more often, ending in 9; a few are missing."""
    low, high = product.article.prices
    price = low * (high / low) ** rng.beta(1.6, 2.2)
    return "" if rng.random() < _MISSING_SHARE else f"{round(price / 10) * 10 - 1:.2f}"
