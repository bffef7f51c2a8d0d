"""The catalog's checks: no row is dropped, and the photos are usable."""

from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.catalog.judged import LEFT_OUT
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, QUARANTINED_ROWS
from fashion_assets.gates.asset_checks import check_spec
from fashion_assets.gates.gate import Judgement, ShareGate, Tally, judge_condition
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

ROWS_ARE_USABLE = ShareGate(
    name="few_rows_are_quarantined",
    why="A row that breaks a rule is no product; many of them suggest that the table is understood wrongly.",
    applies=pl.lit(True),
    counts=pl.lit(True),
    direction="at_most",
    warn=0.01,
    error=0.20,
)
"""Spec, section 1. Judged from counts; rows that the shop leaves out on purpose are none of them."""

CHECKS_ON_LOSSES = (ROWS_ARE_USABLE.name, PHOTOS_ARE_USABLE.name)

INGEST_CHECK_SPECS = [
    check_spec(
        INGESTED_PRODUCTS.asset,
        NOTHING_DROPPED,
        "Rows in the source = rows accepted + rows quarantined, counted in the tables after writing.",
        is_blocking=True,
        partitions_def=None,
    ),
    check_spec(
        INGESTED_PRODUCTS.asset, ROWS_ARE_USABLE.name, ROWS_ARE_USABLE.why, is_blocking=False, partitions_def=None
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
    excluded = sum(result.quarantined_by_kind.get(kind, 0) for kind in LEFT_OUT)
    return [
        judge_nothing_dropped(
            result.rows_in, len(products), quarantined, result.further_variants, result.continuations
        ),
        ROWS_ARE_USABLE.decide(Tally(result.rows_in - excluded, quarantined - excluded, ())),
        PHOTOS_ARE_USABLE.judge(products),
    ]


def judge_nothing_dropped(
    rows_in: int, accepted: int, quarantined: int, further_variants: int = 0, continuations: int = 0
) -> Judgement:
    """Passes if every source row is stored once: as a product, a variant of one, an addition, or in quarantine."""
    stored = accepted + quarantined + further_variants + continuations
    others = (
        f", {further_variants} further variants and {continuations} additions"
        if stored > accepted + quarantined
        else ""
    )
    return judge_condition(
        NOTHING_DROPPED,
        rows_in == stored,
        f"{rows_in} rows in the source, {accepted} products and {quarantined} quarantined rows in the tables{others}.",
        value=float(stored),
        threshold=float(rows_in),
        counted=stored,
        applicable=rows_in,
    )
