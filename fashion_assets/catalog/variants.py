"""Offers that look the same are one product, with its sizes, ids and stock in `product_variants`."""

import polars as pl

from fashion_assets.catalog.tables import PRODUCT_VARIANTS

_COMBINED = {
    "price": pl.col("price").min(),
    "list_price": pl.col("list_price").min(),
    "is_price_range": (pl.col("is_price_range").any() | (pl.col("price").drop_nulls().n_unique() > 1)).replace(
        {False: None}
    ),
    "in_stock": pl.col("in_stock").max(),  # null only if no offer states it
    "sizes": pl.col("sizes").list.explode(keep_nulls=False, empty_as_null=False).unique(maintain_order=True),
    "photos": pl.col("photos").list.explode(keep_nulls=False, empty_as_null=False).unique(maintain_order=True),
}
"""What a product takes from all of its offers; everything else is that of the first which states it."""


def products_of(offers: pl.DataFrame) -> pl.DataFrame:
    """One row per product_id, in the order of their first offers, with `skus` and `sizes` of all of them.

    A product that is sold in one form only, under its own id, has null `skus`; without a stated size, null `sizes`.
    """
    if not offers["product_id"].is_duplicated().any():
        return offers.with_columns(skus=pl.when(pl.col("sku") != pl.col("shop_id")).then(pl.concat_list("sku")))
    others = [name for name in offers.columns if name not in _COMBINED and name != "product_id"]
    combined = offers.group_by("product_id", maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in others),
        *(value.alias(name) for name, value in _COMBINED.items()),
        skus=pl.col("sku").unique(maintain_order=True),
    )
    return combined.with_columns(
        pl.when(pl.col("skus") != pl.concat_list("shop_id")).then("skus").alias("skus"),
        pl.when(pl.col("sizes").list.len() > 0).then("sizes").alias("sizes"),
    )


def variants_of(offers: pl.DataFrame) -> pl.DataFrame:
    """The rows of PRODUCT_VARIANTS: the offers that are variants of a group, or come in a size."""
    variants = offers.filter(pl.col("group_id").is_not_null() | pl.col("hidden").is_not_null())
    renamed = variants.rename({"hidden": "size"})
    return renamed.select(name for name in PRODUCT_VARIANTS.row_schema)
