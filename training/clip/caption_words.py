"""The words that captions of demo products are made of: for every value of a trait, what a shopper calls it.

Every value is first of all called by its own name, because that is what descriptions and CLIP's zero-shot labels say.
A word that comes twice is used twice as often. How words become a caption is in `captions.py`.
"""

from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.vocabulary import Collar, Detail, Material, Pattern, Sleeves

ARTICLE_WORDS: dict[str, tuple[str, ...]] = {
    "Tshirts": ("t-shirt", "t-shirt", "tshirt", "tee", "tshirts", "t-shirts"),
    "Shirts": ("shirt", "shirt", "shirts"),
    "Tops": ("top", "top", "tops", "blouse"),
    "Sweatshirts": ("sweatshirt", "sweatshirt", "sweatshirts"),
    "Sweaters": ("sweater", "sweater", "sweaters", "pullover", "jumper"),
    "Jackets": ("jacket", "jacket", "jackets", "coat"),
    "Blazers": ("blazer", "blazer", "blazers", "suit jacket"),
    "Kurtas": ("kurta", "kurta", "kurtas", "tunic"),
    "Dresses": ("dress", "dress", "dresses", "gown"),
    "Jeans": ("jeans", "jeans", "denims"),
    "Trousers": ("trousers", "trousers", "trouser", "chinos"),
    "Shorts": ("shorts",),
    "Skirts": ("skirt", "skirt", "skirts"),
    "Track Pants": ("track pants", "track pants", "joggers", "sweatpants", "tracksuit"),
    "Casual Shoes": ("casual shoes", "casual shoes", "sneakers", "sneaker"),
    "Sports Shoes": ("sports shoes", "sports shoes", "running shoes", "trainers"),
    "Formal Shoes": ("formal shoes", "formal shoes", "dress shoes", "office shoes"),
    "Heels": ("heels", "heels", "high heels", "pumps"),
    "Sandals": ("sandals", "sandals", "sandal"),
    "Watches": ("watch", "watch", "watches", "wristwatch"),
    "Handbags": ("handbag", "handbag", "handbags", "purse"),
    "Backpacks": ("backpack", "backpack", "backpacks", "rucksack"),
    "Belts": ("belt", "belt", "belts"),
    "Wallets": ("wallet", "wallet", "wallets"),
    "Sunglasses": ("sunglasses", "sunglasses", "shades"),
    "Caps": ("cap", "cap", "caps", "baseball cap", "hat"),
    "Ties": ("tie", "tie", "ties", "necktie"),
}
HOODED_SWEATSHIRT_WORDS = ("hoodie", "hoodie", "hoodies")
"""Both the article and its hood in one word."""

GROUP_WORDS: dict[str, tuple[str, ...]] = {
    "shoes": ("shoes", "shoes", "shoe", "footwear"),
    "bags": ("bag", "bag", "bags"),
    "pants": ("pants",),
}
GROUP_OF: dict[str, str] = {
    "Casual Shoes": "shoes", "Sports Shoes": "shoes", "Formal Shoes": "shoes", "Heels": "shoes", "Sandals": "shoes",
    "Handbags": "bags", "Backpacks": "bags", "Jeans": "pants", "Trousers": "pants", "Track Pants": "pants",
}  # fmt: skip
"""The wider group that a shopper may name instead of the article."""

_COLOUR_WORDS = {
    "Navy Blue": ("navy blue", "navy", "navy", "dark blue"),
    "Grey": ("grey", "grey", "gray"),
    "Red": ("red", "red", "red", "scarlet", "crimson"),
    "Maroon": ("maroon", "burgundy", "wine red"),
    "Olive": ("olive", "olive green", "khaki"),
    "Tan": ("tan", "tan", "camel"),
    "Beige": ("beige", "beige", "cream", "sand"),
    "White": ("white", "white", "white", "off-white"),
    "Yellow": ("yellow", "yellow", "yellow", "mustard"),
    "Purple": ("purple", "purple", "violet"),
    "Brown": ("brown", "brown", "dark brown"),
    "Gold": ("gold", "gold", "golden"),
    "Copper": ("copper", "copper", "bronze"),
    "Silver": ("silver",),
}
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "colour": {colour: _COLOUR_WORDS.get(colour, (colour.lower(),)) for colour in PALETTE},
    "material": {
        Material.LEATHER: ("leather", "leather", "faux leather"),
        Material.DENIM: ("denim",),
        Material.KNIT: ("knit fabric", "knit", "knitted", "wool", "jersey"),
        Material.WOVEN: ("woven fabric", "woven", "cotton", "linen"),
        Material.SYNTHETIC: ("synthetic", "synthetic", "polyester", "nylon", "shiny"),
        Material.METAL: ("metal", "metal", "steel", "metallic"),
        Material.CANVAS: ("canvas",),
    },
    "pattern": {
        Pattern.SOLID: ("plain", "plain", "solid", "solid color"),
        Pattern.STRIPED: ("striped", "striped", "stripy"),
        Pattern.FLORAL: ("floral", "floral", "floral print", "flowery"),
        Pattern.GEOMETRIC: ("geometric", "geometric", "geometric print", "zigzag"),
        Pattern.POLKA_DOTS: ("polka dot", "polka dot", "polka dots", "dotted", "spotted"),
        Pattern.CHECKERED: ("checkered", "checked", "plaid"),
        Pattern.ABSTRACT: ("abstract print", "abstract", "camouflage"),
    },
    "formality": {
        "formal": ("formal",),
        "business casual": ("business casual", "business casual", "smart casual"),
        "casual": ("casual", "casual", "everyday"),
        "athletic": ("athletic", "athletic", "sportswear"),
    },
    "collar": {
        Collar.CREW_NECK: ("crew neck", "crew neck", "round neck"),
        Collar.V_NECK: ("v-neck", "v-neck", "v neck"),
        Collar.COLLAR: ("collar", "collared"),
        Collar.HOODED: ("hooded",),
        Collar.TURTLENECK: ("turtleneck", "turtleneck", "high neck"),
        Collar.SCOOP_NECK: ("scoop neck",),
        Collar.NO_COLLAR: ("no collar", "collarless"),
    },
    "sleeves": {
        Sleeves.SHORT: ("short sleeve", "short sleeve", "short sleeved"),
        Sleeves.LONG: ("long sleeve", "long sleeve", "long sleeved"),
        Sleeves.SLEEVELESS: ("sleeveless",),
        Sleeves.THREE_QUARTER: ("three-quarter sleeve",),
    },
    "fit": {
        "fitted": ("fitted", "fitted", "slim", "slim fit"),
        "regular": ("regular", "regular fit"),
        "loose": ("loose", "loose", "relaxed", "baggy"),
        "oversized": ("oversized",),
    },
}
"""By trait and value: words that go before the article, "striped shirt"."""

WITH_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "pattern": {
        Pattern.STRIPED: ("stripes",),
        Pattern.FLORAL: ("flowers", "floral print"),
        Pattern.POLKA_DOTS: ("polka dots", "dots"),
        Pattern.CHECKERED: ("checks",),
        Pattern.GEOMETRIC: ("geometric print",),
        Pattern.ABSTRACT: ("abstract print",),
    },
    "collar": {
        Collar.CREW_NECK: ("crew neck", "a crew neck", "a round neck"),
        Collar.V_NECK: ("v-neck", "a v-neck"),
        Collar.COLLAR: ("collar", "a collar"),
        Collar.HOODED: ("hood", "a hood"),
        Collar.TURTLENECK: ("turtleneck", "a turtleneck", "a high neck"),
        Collar.SCOOP_NECK: ("scoop neck", "a scoop neck"),
        Collar.NO_COLLAR: ("no collar",),
    },
    "sleeves": {
        Sleeves.SHORT: ("short sleeves",),
        Sleeves.LONG: ("long sleeves",),
        Sleeves.SLEEVELESS: ("no sleeves",),
        Sleeves.THREE_QUARTER: ("three-quarter sleeves",),
    },
}
"""By trait and value: words that go after "with", "shirt with stripes"."""

DETAIL_WORDS: dict[str, tuple[str, ...]] = {
    Detail.POCKETS: ("pockets", "pockets", "pocket"),
    Detail.BUTTONS: ("buttons", "buttons", "a button"),
    Detail.ZIPPER: ("zipper", "zipper", "a zipper", "zip"),
    Detail.HOOD: ("hood", "a hood"),
    Detail.DRAWSTRINGS: ("drawstrings", "drawstring"),
    Detail.LOGO: ("logo", "a logo", "logos"),
}
"""By detail: words that go after "with"."""

GENDER_WORDS: dict[str, str] = {"Men": "men", "Women": "women", "Boys": "boys", "Girls": "girls", "Unisex": "unisex"}
