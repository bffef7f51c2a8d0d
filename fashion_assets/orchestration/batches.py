"""Batches of 1,000 products: the partitions that every stage runs over.

A product's position is assigned once, when it is first seen, and never changes. Which products exist, and the table of
their positions, belong to the catalog slice; this module only counts.
"""

from collections.abc import Sequence

import dagster as dg
import polars as pl

BATCH_SIZE = 1000

_PARTITIONS = "batches"
BATCHES = dg.DynamicPartitionsDefinition(name=_PARTITIONS)


def register_batches(instance: dg.DagsterInstance, batches: Sequence[str]) -> None:
    """Register the batches with the instance as partitions."""
    instance.add_dynamic_partitions(_PARTITIONS, batches)


def registered_batches(instance: dg.DagsterInstance) -> set[str]:
    """The batches that are registered with the instance as partitions."""
    return set(instance.get_dynamic_partitions(_PARTITIONS))


def batch_key(position: pl.Expr) -> pl.Expr:
    """The batch of the product at this position: `batch_00000` for 0 to 999."""
    return pl.format("batch_{}", batch_number(position).cast(pl.String).str.zfill(5))


def batch_number(position: pl.Expr) -> pl.Expr:
    """The number of the batch of the product at this position: 0, 1, ..."""
    return position // BATCH_SIZE


def assign_batches(assigned: pl.DataFrame, product_ids: pl.Series) -> pl.DataFrame:
    """The positions of all products ever seen, from those `assigned` so far and the source's `product_ids`, in order.

    `assigned` has the columns product_id, position, is_withdrawn; the result also has was_withdrawn, null for new
    products. Assigned products keep their position; those no longer in the source become withdrawn and leave a gap,
    which they fill again when they return. New products take the next positions: they fill the last batch, then start
    new ones.
    """
    in_source = pl.DataFrame({"product_id": product_ids.unique(maintain_order=True).cast(pl.Int64)})
    kept = assigned.select(
        "product_id",
        "position",
        is_withdrawn=~pl.col("product_id").is_in(in_source["product_id"].implode()),
        was_withdrawn="is_withdrawn",
    )
    first_free = 0 if assigned.is_empty() else assigned.select(pl.max("position") + 1).item()
    new = (
        in_source.filter(~pl.col("product_id").is_in(assigned["product_id"].implode()))
        .with_row_index("position", offset=first_free)
        .select(
            "product_id",
            pl.col("position").cast(pl.Int64),
            is_withdrawn=pl.lit(False),
            was_withdrawn=pl.lit(None, pl.Boolean),
        )
    )
    return pl.concat([kept, new])
