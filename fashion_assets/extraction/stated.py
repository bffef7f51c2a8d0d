"""What the shop's table states, beside the model's answers.

It is a witness there and never in their place, so that gates judge the model.
"""

import polars as pl

from fashion_assets.extraction.tables import stated_column
from fashion_assets.shop.given import GIVEN, given_values
from fashion_assets.shop.profile import ShopProfile


def with_stated_values(rows: pl.DataFrame, products: pl.DataFrame, shop: ShopProfile) -> pl.DataFrame:
    """`rows` of `product_extracted_attributes` with what the table states about them at present.

    `products` has product_id and, unless the shop states nothing, `given`; the columns are null where nothing that
    means a value is stated.
    """
    fields = shop.taxonomy.single_valued
    columns = rows.columns
    given = products.select("product_id", products[GIVEN] if GIVEN in products.columns else pl.lit(None).alias(GIVEN))
    values = given_values(given, rows, shop)
    rows = rows.drop(GIVEN, *(stated_column(field) for field in fields)).join(
        given.cast({GIVEN: pl.String}), on="product_id", how="left", maintain_order="left"
    )
    for field in fields:
        of_field = values.filter(field=field.column).select("product_id", pl.col("value").alias(stated_column(field)))
        rows = rows.join(of_field, on="product_id", how="left", maintain_order="left")
    return rows.select(columns)
