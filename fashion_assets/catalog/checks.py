"""The catalog's checks: no row is dropped, and the photos are usable."""

from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS, QUARANTINED_ROWS
from fashion_assets.gates.asset_checks import check_spec
from fashion_assets.gates.gate import Judgement, ShareGate, judge_condition
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from fashion_assets.catalog.ingest import IngestResult

NOTHING_DROPPED = "every_source_row_is_a_product_or_quarantined"

PHOTOS_ARE_USABLE = ShareGate(
    name="photos_are_usable_for_at_least_90_percent",
    why="A product without a readable photo gets no attributes; many of them suggest a wrong photos folder.",
    applies=pl.lit(True),
    counts=pl.col("photo_status") == "ok",
    direction="at_least",
    warn=0.90,
)

INGEST_CHECK_SPECS = [
    check_spec(
        INGESTED_PRODUCTS.asset,
        NOTHING_DROPPED,
        "Rows in the source = rows accepted + rows quarantined, counted in the tables after writing.",
        is_blocking=True,
        partitions_def=None,
    ),
    check_spec(
        INGESTED_PRODUCTS.asset, PHOTOS_ARE_USABLE.name, PHOTOS_ARE_USABLE.why, is_blocking=False, partitions_def=None
    ),
]


def judge_ingest(store: TableStore, result: "IngestResult") -> list[Judgement]:
    """The judgements on an ingest, from the source's row count and the stored tables."""
    columns = ["product_id", "photo_status"]
    parts = [
        pl.DataFrame(schema={name: INGESTED_PRODUCTS.schema[name] for name in columns}),
        *store.read_in_parts(INGESTED_PRODUCTS, columns),
    ]
    products = pl.concat(parts).sort("product_id")
    quarantined = store.count(QUARANTINED_ROWS)
    return [judge_nothing_dropped(result.rows_in, len(products), quarantined), PHOTOS_ARE_USABLE.judge(products)]


def judge_nothing_dropped(rows_in: int, accepted: int, quarantined: int) -> Judgement:
    """Passes if every source row is stored exactly once, as a product or in quarantine."""
    return judge_condition(
        NOTHING_DROPPED,
        rows_in == accepted + quarantined,
        f"{rows_in} rows in the source, {accepted} products and {quarantined} quarantined rows in the tables.",
        value=float(accepted + quarantined),
        threshold=float(rows_in),
        counted=accepted + quarantined,
        applicable=rows_in,
    )
