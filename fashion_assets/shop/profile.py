"""All that a shop decides about its catalog, in one frozen object that is made once, at assembly."""

from dataclasses import dataclass, field

from fashion_assets.shop.limits import Limits
from fashion_assets.shop.shipped_taxonomy import shipped_taxonomy
from fashion_assets.shop.taxonomy import Taxonomy


@dataclass(frozen=True)
class ShopProfile:
    """The attributes that photos are asked about, and the limits that the answers are judged by."""

    taxonomy: Taxonomy = field(default_factory=shipped_taxonomy)
    limits: Limits = field(default_factory=Limits)


SHIPPED = ShopProfile()
"""The profile that ships. Functions take their taxonomy and limits as arguments and have these as defaults; what is
still computed from them at import, for callers that are not handed a profile yet, says so where it stands."""
