"""Attributes that the shop's own table states take precedence over the model's answers."""

import polars as pl

from fashion_assets.quality.labels.corrections import with_values
from fashion_assets.shop.given import GIVEN
from fashion_assets.shop.taxonomy import Taxonomy

NOTHING_GIVEN = pl.DataFrame(schema={"product_id": pl.Int64, GIVEN: pl.String})


def with_given(attributes: pl.DataFrame, given: pl.DataFrame, stated: pl.DataFrame, taxonomy: Taxonomy) -> pl.DataFrame:
    """`attributes` with the values that the shop states in place of the model's, and the column `given` as stated.

    `given` has product_id and a JSON object of the shop's words by attribute, `stated` what they mean (`given_values`).
    """
    rows = attributes.drop(GIVEN, strict=False).join(
        given.drop_nulls(GIVEN), on="product_id", how="left", maintain_order="left"
    )
    return with_values(rows, stated.select("product_id", "field", "value"), taxonomy)
