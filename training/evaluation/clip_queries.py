"""The short queries that score the demo CLIP, as a shopper would type them, and what each demands of a photo.

Written by hand and fixed, so that scores of different weights compare: all materials and patterns, most article types,
colours by their plain names and by others, collars, sleeves, fits and details. How they are scored is in `clip.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Demands = dict[str, str | bool]


@dataclass(frozen=True)
class ClipQuery:
    """A query and the value that it demands of each trait that it mentions (those of `captions.TRAITS`)."""

    text: str
    demands: Demands

    def fits(self, traits: Mapping[str, str | bool | None]) -> bool:
        """Has a product of these `traits_of` everything that is demanded?"""
        return all(traits[trait] == value for trait, value in self.demands.items())


def _coloured(colour: str, article: str) -> Demands:
    return {"colour": colour, "article": article}


def _made_of(material: str, article: str) -> Demands:
    return {"material": material, "article": article}


def _patterned(pattern: str, article: str) -> Demands:
    return {"pattern": pattern, "article": article}


# fmt: off
_TWO_WORDS: dict[str, Demands] = {
    "red dress": _coloured("Red", "Dresses"),
    "navy t-shirt": _coloured("Navy Blue", "Tshirts"),
    "black jeans": _coloured("Black", "Jeans"),
    "white shirt": _coloured("White", "Shirts"),
    "gray sweatshirt": _coloured("Grey", "Sweatshirts"),
    "green sweater": _coloured("Green", "Sweaters"),
    "yellow skirt": _coloured("Yellow", "Skirts"),
    "brown belt": _coloured("Brown", "Belts"),
    "pink heels": _coloured("Pink", "Heels"),
    "silver watch": _coloured("Silver", "Watches"),
    "gold sunglasses": _coloured("Gold", "Sunglasses"),
    "burgundy handbag": _coloured("Maroon", "Handbags"),
    "beige trousers": _coloured("Beige", "Trousers"),
    "purple tie": _coloured("Purple", "Ties"),
    "blue kurta": _coloured("Blue", "Kurtas"),
    "orange cap": _coloured("Orange", "Caps"),
    "olive joggers": _coloured("Olive", "Track Pants"),
    "leather jacket": _made_of("leather", "Jackets"),
    "denim shorts": _made_of("denim", "Shorts"),
    "knitted dress": _made_of("knit fabric", "Dresses"),
    "canvas backpack": _made_of("canvas", "Backpacks"),
    "metal sunglasses": _made_of("metal", "Sunglasses"),
    "linen trousers": _made_of("woven fabric", "Trousers"),
    "synthetic sandals": _made_of("synthetic", "Sandals"),
    "leather wallet": _made_of("leather", "Wallets"),
    "leather shoes": {"material": "leather", "group": "shoes"},
    "striped shirt": _patterned("striped", "Shirts"),
    "striped hoodie": _patterned("striped", "Sweatshirts") | {"has hood": True},
    "floral skirt": _patterned("floral print", "Skirts"),
    "geometric top": _patterned("geometric", "Tops"),
    "plaid shirt": _patterned("checkered", "Shirts"),
    "dotted blouse": _patterned("polka dots", "Tops"),
    "camouflage shorts": _patterned("abstract print", "Shorts"),
    "plain sneakers": _patterned("solid color", "Casual Shoes"),
    "hooded jacket": {"collar": "hooded", "article": "Jackets"},
    "v-neck sweater": {"collar": "v-neck", "article": "Sweaters"},
    "turtleneck sweatshirt": {"collar": "turtleneck", "article": "Sweatshirts"},
    "sleeveless top": {"sleeves": "sleeveless", "article": "Tops"},
    "oversized t-shirt": {"fit": "oversized", "article": "Tshirts"},
    "casual skirt": {"formality": "casual", "article": "Skirts"},
}
_THREE_WORDS: dict[str, Demands] = {
    "red leather jacket": _coloured("Red", "Jackets") | {"material": "leather"},
    "blue striped shirt": _coloured("Blue", "Shirts") | {"pattern": "striped"},
    "black leather belt": _coloured("Black", "Belts") | {"material": "leather"},
    "brown leather shoes": {"colour": "Brown", "material": "leather", "group": "shoes"},
    "blue denim jacket": _coloured("Blue", "Jackets") | {"material": "denim"},
    "black leather handbag": _coloured("Black", "Handbags") | {"material": "leather"},
    "green canvas backpack": _coloured("Green", "Backpacks") | {"material": "canvas"},
    "silver steel watch": _coloured("Silver", "Watches") | {"material": "metal"},
    "tan leather sandals": _coloured("Tan", "Sandals") | {"material": "leather"},
    "white canvas sneakers": _coloured("White", "Casual Shoes") | {"material": "canvas"},
    "red knit sweater": _coloured("Red", "Sweaters") | {"material": "knit fabric"},
    "maroon leather wallet": _coloured("Maroon", "Wallets") | {"material": "leather"},
    "jacket in denim": _made_of("denim", "Jackets"),
    "grey denim shorts": _coloured("Grey", "Shorts") | {"material": "denim"},
    "white floral dress": _coloured("White", "Dresses") | {"pattern": "floral print"},
    "navy checked shirt": _coloured("Navy Blue", "Shirts") | {"pattern": "checkered"},
    "pink floral top": _coloured("Pink", "Tops") | {"pattern": "floral print"},
    "yellow striped t-shirt": _coloured("Yellow", "Tshirts") | {"pattern": "striped"},
    "polka dot dress": _patterned("polka dots", "Dresses"),
    "abstract print shirt": _patterned("abstract print", "Shirts"),
    "geometric knit sweater": _patterned("geometric", "Sweaters") | {"material": "knit fabric"},
    "striped cotton skirt": _patterned("striped", "Skirts") | {"material": "woven fabric"},
    "plain canvas cap": _patterned("solid color", "Caps") | {"material": "canvas"},
    "dress with flowers": _patterned("floral print", "Dresses"),
    "purse in canvas": _made_of("canvas", "Handbags"),
    "black formal shoes": _coloured("Black", "Formal Shoes"),
    "blue running shoes": _coloured("Blue", "Sports Shoes"),
    "grey track pants": _coloured("Grey", "Track Pants"),
    "dark blue jeans": _coloured("Navy Blue", "Jeans"),
    "white v-neck t-shirt": _coloured("White", "Tshirts") | {"collar": "v-neck"},
    "black hooded sweatshirt": _coloured("Black", "Sweatshirts") | {"collar": "hooded"},
    "sleeveless striped top": _patterned("striped", "Tops") | {"sleeves": "sleeveless"},
    "long sleeve dress": {"sleeves": "long sleeve", "article": "Dresses"},
    "short sleeve shirt": {"sleeves": "short sleeve", "article": "Shirts"},
    "three-quarter sleeve kurta": {"sleeves": "three-quarter sleeve", "article": "Kurtas"},
    "scoop neck top": {"collar": "scoop neck", "article": "Tops"},
    "shirt with pockets": {"has pockets": True, "article": "Shirts"},
    "jacket with zipper": {"has zipper": True, "article": "Jackets"},
    "t-shirt with logo": {"has logo": True, "article": "Tshirts"},
    "sweatshirt with drawstrings": {"has drawstrings": True, "article": "Sweatshirts"},
}
# fmt: on
QUERIES: tuple[ClipQuery, ...] = tuple(
    ClipQuery(text, demands) for text, demands in (_TWO_WORDS | _THREE_WORDS).items()
)
"""40 queries of two words, then 40 of three."""
