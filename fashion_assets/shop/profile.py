"""Everything that a shop decides about its catalog, in one frozen object that is created once, at assembly."""

from dataclasses import dataclass, field

from fashion_assets.shop.limits import Limits
from fashion_assets.shop.shipped_taxonomy import shipped_taxonomy
from fashion_assets.shop.taxonomy import Taxonomy


@dataclass(frozen=True)
class ShopProfile:
    """The attributes to extract from photos, and the limits for judging the answers."""

    taxonomy: Taxonomy = field(default_factory=shipped_taxonomy)
    limits: Limits = field(default_factory=Limits)


SHIPPED = ShopProfile()
"""The profile that ships, as the default of functions that take a taxonomy or limits. What Dagster needs at import,
before there is a shop, is computed from it and marked so."""
