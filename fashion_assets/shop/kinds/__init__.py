"""What kind of product a shop's words mean: its categories, names and genders in the terms of the reference catalog.

The kinds and their words are data (the TOML files here). Nothing in this package reads a table or asks a person.
"""

from fashion_assets.shop.kinds.gender import map_gender
from fashion_assets.shop.kinds.kind import Kind, Place, Sureness
from fashion_assets.shop.kinds.mapping import kind_named, map_category
from fashion_assets.shop.kinds.overrides import category_overrides, nearest_kinds

__all__ = [
    "Kind",
    "Place",
    "Sureness",
    "category_overrides",
    "kind_named",
    "map_category",
    "map_gender",
    "nearest_kinds",
]
