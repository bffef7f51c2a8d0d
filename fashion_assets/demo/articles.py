"""The article types of the demo catalog: the materials, cuts and prices of each.

Pure data. The shares in `materials`, `collars`, `sleeves` and `details` are those of the demo catalog; sampling is in
`attributes.py`, drawing in `garments.py`, `footwear.py` and `accessories.py`.
"""

from dataclasses import dataclass, field
from typing import Literal

from fashion_assets.demo.vocabulary import Collar, Detail, Material, Sleeves

L, D, K, W = Material.LEATHER, Material.DENIM, Material.KNIT, Material.WOVEN
S, M, C = Material.SYNTHETIC, Material.METAL, Material.CANVAS
Shares = dict[str, float]


@dataclass(frozen=True)
class Article:
    """One article type, in the reference catalog's naming.

    `dressiness` is what the type alone implies about formality: dressy, smart, plain or sporty. `sport_share` is the
    share of products with sports stripes; `popularity` is relative. `names` are the words used in display names.
    """

    name: str
    master_category: str
    sub_category: str
    names: tuple[str, ...]
    dressiness: Literal["dressy", "smart", "plain", "sporty"]
    popularity: float
    genders: tuple[str, ...]
    prices: tuple[int, int]
    materials: Shares
    collars: Shares = field(default_factory=dict)
    sleeves: Shares = field(default_factory=dict)
    details: Shares = field(default_factory=dict)
    sport_share: float = 0.0
    plain_only: bool = False

    @property
    def is_garment(self) -> bool:
        """Whether the garment question (collar, sleeves, fit) applies."""
        return self.master_category == "Apparel"


_MW, _MWU, _WG = ("Men", "Women"), ("Men", "Women", "Unisex"), ("Women", "Women", "Girls")
_ALL = ("Men", "Women", "Boys", "Girls")
_BOTTOM: Shares = {Collar.NOT_APPLICABLE: 1.0}
_NO_SLEEVES: Shares = {Sleeves.NOT_APPLICABLE: 1.0}
_SHORT, _LONG, _NONE, _THREE = Sleeves.SHORT, Sleeves.LONG, Sleeves.SLEEVELESS, Sleeves.THREE_QUARTER
_CREW, _V, _POINT, _HOOD = Collar.CREW_NECK, Collar.V_NECK, Collar.COLLAR, Collar.HOODED
_HIGH, _SCOOP, _STRAIGHT = Collar.TURTLENECK, Collar.SCOOP_NECK, Collar.NO_COLLAR
_POCKETS, _BUTTONS, _ZIP = Detail.POCKETS, Detail.BUTTONS, Detail.ZIPPER
_CORDS, _LOGO = Detail.DRAWSTRINGS, Detail.LOGO

# fmt: off
ARTICLES: tuple[Article, ...] = (
    Article("Tshirts", "Apparel", "Topwear", ("T-shirt", "Tshirt", "Tee"), "plain", 15, _ALL, (299, 1499),
            {K: 0.98, S: 0.02}, {_CREW: 0.58, _V: 0.2, _POINT: 0.14, _SCOOP: 0.08},
            {_SHORT: 0.86, _LONG: 0.07, _NONE: 0.07}, {_LOGO: 0.35, _POCKETS: 0.1}, sport_share=0.08),
    Article("Shirts", "Apparel", "Topwear", ("Shirt",), "dressy", 11, _ALL, (599, 2999),
            {W: 0.85, D: 0.1, S: 0.05}, {_POINT: 1.0},
            {_LONG: 0.68, _SHORT: 0.2, _THREE: 0.12}, {_BUTTONS: 1.0, _POCKETS: 0.45}),
    Article("Tops", "Apparel", "Topwear", ("Top",), "plain", 6, _WG, (399, 1999),
            {W: 0.5, K: 0.38, S: 0.12}, {_SCOOP: 0.28, _V: 0.22, _CREW: 0.2, _STRAIGHT: 0.3},
            {_NONE: 0.4, _SHORT: 0.3, _THREE: 0.2, _LONG: 0.1}, {_BUTTONS: 0.15, _LOGO: 0.08}, sport_share=0.05),
    Article("Sweatshirts", "Apparel", "Topwear", ("Sweatshirt",), "plain", 3, _ALL, (799, 2999),
            {K: 0.7, S: 0.3}, {_HOOD: 0.6, _CREW: 0.25, _HIGH: 0.15}, {_LONG: 1.0},
            {_ZIP: 0.4, _POCKETS: 0.5, _LOGO: 0.4, _CORDS: 0.6}, sport_share=0.2),
    Article("Sweaters", "Apparel", "Topwear", ("Sweater", "Pullover"), "smart", 3, _ALL, (899, 3499),
            {K: 0.97, W: 0.03}, {_CREW: 0.35, _V: 0.35, _HIGH: 0.3}, {_LONG: 0.9, _NONE: 0.1}, {_BUTTONS: 0.1}),
    Article("Jackets", "Apparel", "Topwear", ("Jacket",), "plain", 3.5, _ALL, (1499, 7999),
            {L: 0.3, D: 0.25, S: 0.25, C: 0.2}, {_POINT: 0.45, _HIGH: 0.2, _HOOD: 0.35}, {_LONG: 0.95, _NONE: 0.05},
            {_ZIP: 0.65, _POCKETS: 0.6, _LOGO: 0.2, _CORDS: 0.3}, sport_share=0.1),
    Article("Blazers", "Apparel", "Topwear", ("Blazer",), "dressy", 1.5, _MW, (2499, 9999),
            {W: 0.9, K: 0.05, L: 0.05}, {_POINT: 1.0}, {_LONG: 1.0}, {_BUTTONS: 1.0, _POCKETS: 0.7}),
    Article("Kurtas", "Apparel", "Topwear", ("Kurta",), "smart", 4, ("Women", "Women", "Men"), (499, 2499),
            {W: 0.9, S: 0.1}, {_V: 0.3, _CREW: 0.25, _SCOOP: 0.25, _POINT: 0.2},
            {_THREE: 0.45, _LONG: 0.25, _SHORT: 0.2, _NONE: 0.1}, {_BUTTONS: 0.45, _POCKETS: 0.1}),
    Article("Dresses", "Apparel", "Dress", ("Dress",), "dressy", 3.5, _WG, (799, 4999),
            {W: 0.5, K: 0.25, S: 0.15, D: 0.1}, {_SCOOP: 0.25, _V: 0.25, _CREW: 0.2, _STRAIGHT: 0.2, _POINT: 0.1},
            {_NONE: 0.5, _SHORT: 0.3, _THREE: 0.1, _LONG: 0.1}, {_BUTTONS: 0.2, _ZIP: 0.2, _POCKETS: 0.1}),
    Article("Jeans", "Apparel", "Bottomwear", ("Jeans",), "plain", 4, _ALL, (799, 3999),
            {D: 1.0}, _BOTTOM, _NO_SLEEVES, {_POCKETS: 0.8, _BUTTONS: 0.7, _ZIP: 0.3}, plain_only=True),
    Article("Trousers", "Apparel", "Bottomwear", ("Trousers",), "dressy", 3.5, _MW, (699, 2999),
            {W: 0.8, C: 0.15, S: 0.05}, _BOTTOM, _NO_SLEEVES, {_POCKETS: 0.6, _BUTTONS: 0.5}),
    Article("Shorts", "Apparel", "Bottomwear", ("Shorts",), "plain", 3, _ALL, (399, 1799),
            {D: 0.3, W: 0.25, C: 0.2, S: 0.25}, _BOTTOM, _NO_SLEEVES,
            {_POCKETS: 0.6, _BUTTONS: 0.3, _CORDS: 0.4, _LOGO: 0.2}, sport_share=0.12),
    Article("Skirts", "Apparel", "Bottomwear", ("Skirt",), "smart", 2, _WG, (499, 2499),
            {W: 0.55, D: 0.25, L: 0.1, K: 0.1}, _BOTTOM, _NO_SLEEVES, {_BUTTONS: 0.3, _ZIP: 0.2, _POCKETS: 0.2}),
    Article("Track Pants", "Apparel", "Bottomwear", ("Track Pants",), "sporty", 2.5, _ALL, (599, 2499),
            {S: 0.75, K: 0.25}, _BOTTOM, _NO_SLEEVES, {_CORDS: 0.7, _POCKETS: 0.4, _LOGO: 0.4}, sport_share=1.0,
            plain_only=True),
    Article("Casual Shoes", "Footwear", "Shoes", ("Casual Shoes", "Sneakers"), "plain", 6, _ALL, (899, 4999),
            {C: 0.45, L: 0.35, S: 0.1, D: 0.1}, details={_LOGO: 0.3, _ZIP: 0.12}),
    Article("Sports Shoes", "Footwear", "Shoes", ("Sports Shoes", "Running Shoes"), "sporty", 5, _MW, (1499, 7999),
            {S: 0.82, K: 0.18}, details={_LOGO: 0.3}, sport_share=1.0, plain_only=True),
    Article("Formal Shoes", "Footwear", "Shoes", ("Formal Shoes",), "dressy", 2.5, ("Men",), (1299, 5999),
            {L: 0.93, S: 0.07}, details={_BUTTONS: 0.1}, plain_only=True),
    Article("Heels", "Footwear", "Shoes", ("Heels",), "dressy", 3.5, ("Women",), (799, 3999),
            {L: 0.5, S: 0.3, W: 0.2}, details={_BUTTONS: 0.1}),
    Article("Sandals", "Footwear", "Sandal", ("Sandals",), "plain", 3, _MW, (499, 2999),
            {L: 0.65, S: 0.2, C: 0.15}, details={_LOGO: 0.15}),
    Article("Watches", "Accessories", "Watches", ("Watch",), "smart", 6, _MWU, (1499, 14999),
            {M: 0.99, L: 0.007, S: 0.003}, details={_LOGO: 0.15, _BUTTONS: 0.1}, plain_only=True),
    Article("Handbags", "Accessories", "Bags", ("Handbag", "Bag"), "smart", 5, ("Women",), (899, 5999),
            {L: 0.6, C: 0.2, S: 0.1, W: 0.1}, details={_ZIP: 0.4, _POCKETS: 0.3, _LOGO: 0.25, _BUTTONS: 0.2}),
    Article("Backpacks", "Accessories", "Bags", ("Backpack",), "plain", 2.5, _MWU, (799, 3999),
            {C: 0.5, S: 0.4, L: 0.1}, details={_ZIP: 0.7, _POCKETS: 0.7, _LOGO: 0.3, _CORDS: 0.2}),
    Article("Belts", "Accessories", "Belts", ("Belt",), "smart", 3, _MW, (299, 1999),
            {L: 0.8, C: 0.15, M: 0.05}, details={_LOGO: 0.15}),
    Article("Wallets", "Accessories", "Wallets", ("Wallet",), "smart", 2.5, _MW, (299, 2499),
            {L: 0.85, C: 0.1, S: 0.05}, details={_BUTTONS: 0.3, _ZIP: 0.25, _LOGO: 0.25, _POCKETS: 0.2}),
    Article("Sunglasses", "Accessories", "Eyewear", ("Sunglasses",), "plain", 3, _MWU, (499, 5999),
            {M: 0.5, S: 0.5}, plain_only=True),
    Article("Caps", "Accessories", "Headwear", ("Cap",), "plain", 1.5, _MWU, (199, 999),
            {C: 0.5, W: 0.25, K: 0.15, D: 0.1}, details={_LOGO: 0.5, _BUTTONS: 0.3}),
    Article("Ties", "Accessories", "Ties", ("Tie",), "dressy", 1.2, ("Men",), (299, 1499),
            {W: 0.8, K: 0.2}),
)
# fmt: on
"""Every article type; sampling depends on the order."""
