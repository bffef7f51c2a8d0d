"""Small inputs for tests: rows, photos, messages. What tests of many slices use can be imported from here."""

from fashion_assets_tests.factories.products import (
    BATCH_0,
    BLUE,
    GREEN,
    RED,
    attributes,
    photographed,
    photographed_as,
    product,
    products,
    shaded,
    write_photo,
)

__all__ = [
    "BATCH_0",
    "BLUE",
    "GREEN",
    "RED",
    "attributes",
    "photographed",
    "photographed_as",
    "product",
    "products",
    "shaded",
    "write_photo",
]
