"""The places of products whose assignment was lost: what was ingested, and what was loaded, still names them."""

from datetime import datetime

import polars as pl

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.orchestration import batches
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME


def restore_places(store: TableStore, now: datetime) -> int:
    """Assign products that were ingested or loaded, and have no assignment, to their batch again; returns their number.

    Ids and batches are those from before, and positions within a batch go by id. Products that had been withdrawn are
    not restored; `now` (UTC) becomes the assignment time.
    """
    known = store.read(BATCH_ASSIGNMENTS)
    placed = pl.concat(
        store.read(table, columns=["product_id", "shop_id", BATCH]) for table in (INGESTED_PRODUCTS, PRODUCTS)
    )
    missing = (
        placed.unique("product_id", keep="first").join(known, on="product_id", how="anti").sort(BATCH, "product_id")
    )
    if missing.is_empty():
        return 0
    restored = [
        rows.with_columns(position=pl.Series(_free_positions(batch, len(rows), {*known["position"]}), dtype=pl.Int64))
        for (batch,), rows in missing.partition_by(BATCH, as_dict=True).items()
    ]
    rows = pl.concat(restored).with_columns(is_withdrawn=pl.lit(False), assigned_at=pl.lit(now, UTC_TIME))
    store.merge(BATCH_ASSIGNMENTS, pl.concat([known, rows.select(known.columns)]))
    return len(rows)


def _free_positions(batch: str, count: int, taken: set[int]) -> list[int]:
    """The first `count` positions of the batch that are not taken."""
    first = int(batch.rpartition("_")[2]) * batches.BATCH_SIZE
    free = (position for position in range(first, first + batches.BATCH_SIZE) if position not in taken)
    return [position for position, _ in zip(free, range(count), strict=False)]
