"""Batches of 1,000 products: the partitions that every stage runs over.

A product's place is decided once, when it is first seen, and never again. Which products exist, and the table that
keeps their places, are the catalog slice's; this module only counts.
"""

import dagster as dg
import polars as pl

BATCH_SIZE = 1000

BATCHES = dg.DynamicPartitionsDefinition(name="batches")


def batch_key(position: pl.Expr) -> pl.Expr:
    """The batch that the product with this running number belongs to: `batch_00000` for 0 to 999."""
    return pl.format("batch_{}", batch_number(position).cast(pl.String).str.zfill(5))


def batch_number(position: pl.Expr) -> pl.Expr:
    """The number of that batch: 0, 1, ..."""
    return position // BATCH_SIZE


def assign_batches(known: pl.DataFrame, product_ids: pl.Series) -> pl.DataFrame:
    """The places of all products ever seen, given those `known` and the source's `product_ids`, in source order.

    `known` has the columns product_id, position, is_withdrawn; the result also was_withdrawn, null for new products.
    Known products keep their place; those that are no longer in the source become withdrawn and leave a hole, which
    they get back when they return. New products take the next running numbers: they fill the last batch, then open
    new ones.
    """
    in_source = pl.DataFrame({"product_id": product_ids.unique(maintain_order=True).cast(pl.Int64)})
    kept = known.select(
        "product_id",
        "position",
        is_withdrawn=~pl.col("product_id").is_in(in_source["product_id"].implode()),
        was_withdrawn="is_withdrawn",
    )
    first_free = 0 if known.is_empty() else int(known.select(pl.max("position")).item()) + 1
    new = (
        in_source.filter(~pl.col("product_id").is_in(known["product_id"].implode()))
        .with_row_index("position", offset=first_free)
        .select(
            "product_id",
            pl.col("position").cast(pl.Int64),
            is_withdrawn=pl.lit(False),
            was_withdrawn=pl.lit(None, pl.Boolean),
        )
    )
    return pl.concat([kept, new])
