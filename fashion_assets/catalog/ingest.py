"""The whole ingest: read the source, validate its rows, assign products to batches, read photos, write four tables.

The steps themselves are in `ingest_steps.py`; this module has their order, and the conditions for refusing a source.
"""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.catalog.disk_buffer import DiskBuffer
from fashion_assets.catalog.fetching.report import FetchReport
from fashion_assets.catalog.ids import assign_keys
from fashion_assets.catalog.ingest_steps import (
    PLACED,
    JudgedSource,
    collect_photo_facts,
    groups_of,
    judge_source,
    merge_places,
    merge_products,
    place_products,
    read_places,
    with_stray_batches,
)
from fashion_assets.catalog.judged import JUDGED
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.source import Source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.catalog.validation import repeated_skus
from fashion_assets.errors import SourceError
from fashion_assets.orchestration.batches import assign_batches
from fashion_assets.orchestration.progress import Progress
from fashion_assets.storage.merging import Changes
from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class IngestResult:
    """The figures of an ingest: `rows_in` = `accepted` + `further_variants` + `continuations` + `quarantined`."""

    rows_in: int
    accepted: int
    """Products."""
    further_variants: int
    """Rows that look like an accepted one, as another size."""
    continuations: int
    """Rows that only add to others: further photos, what variants have in common."""
    quarantined: int
    quarantined_by_kind: dict[str, int]
    recovered_names: int
    repaired_rows: int
    unreadable: dict[str, int]
    """Accepted rows with values that could not be read, by what they are."""
    photos_by_status: dict[str, int]
    """Products by photo status."""
    fetched: FetchReport | None
    duplicate_groups: int
    new_products: int
    withdrawn_products: int
    """Products that left the source since the last ingest."""
    returned_products: int
    batches: list[str]
    """Every batch that has ever had a product, in order."""
    changes: dict[str, Changes]
    """By table name."""


def ingest(
    source: Source,
    photo_places: PhotoPlaces,
    store: TableStore,
    now: datetime,
    progress: Progress = lambda done, in_all: None,
    allow_mass_withdrawal: bool = False,
) -> IngestResult:
    """Sync the store's catalog tables with the source; the same source twice changes nothing.

    A quarantined row is not on sale: a product whose row breaks a rule is withdrawn until the row is fixed.
    `now` (UTC) becomes the new products' assignment time; `progress` is called with (photos done, all photos).
    Raises SourceError, with nothing written, if the source cannot be read, has no usable row, or lacks more than half
    of the products that were on sale.
    """
    with tempfile.TemporaryDirectory(prefix="fashion-ingest-") as folder:
        judged = DiskBuffer(Path(folder, "judged"), JUDGED)
        products = DiskBuffer(Path(folder, "products"), PLACED)
        photos = DiskBuffer(Path(folder, "photos"), PHOTOS.row_schema)
        read, good = judge_source(source, judged)
        if good.is_empty():
            raise _no_usable_row(read, source.path)
        places, good = _places(store, good)
        moves = _moves(places)
        if not allow_mass_withdrawal:
            _refuse_mass_withdrawal(moves, read, source.path)
        placed = place_products(judged, read, good, source.rules.price, products)
        groups = groups_of(places)
        changes = {  # assignments first: after a crash, no product may be in a batch without an assignment
            BATCH_ASSIGNMENTS.name: merge_places(store, places, groups, now),
            QUARANTINED_ROWS.name: store.merge(QUARANTINED_ROWS, placed.quarantined),
        }
        del good, places  # frees memory before the photos' fingerprints take it
        in_tables = with_stray_batches(groups, store)
        photo_figures = collect_photo_facts(store, in_tables, photo_places, products, photos, progress, moves.on_sale)
        changes |= merge_products(store, in_tables, products, photos, photo_figures)
    return IngestResult(
        rows_in=read.rows_in,
        accepted=moves.on_sale,
        further_variants=placed.offers - moves.on_sale,
        continuations=read.continuations,
        quarantined=len(placed.quarantined),
        quarantined_by_kind=dict(placed.quarantined["kind"].value_counts(sort=True).iter_rows()),
        recovered_names=read.repairs.recovered_names,
        repaired_rows=read.repairs.repaired,
        unreadable=dict(placed.unreadable),
        photos_by_status=dict(photo_figures.by_status),
        fetched=photo_figures.intake.report,
        duplicate_groups=photo_figures.duplicates.drop_nulls().n_unique(),
        new_products=moves.new,
        withdrawn_products=moves.withdrawn,
        returned_products=moves.returned,
        batches=[batch for batches in groups.values() for batch in batches],
        changes=changes,
    )


def _places(store: TableStore, good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every product's place, as `assign_batches` gives it, with shop_id; and `good` with product_id and position."""
    assigned = read_places(store)
    accepted = good.join(repeated_skus(good), on="line_number", how="anti", maintain_order="left")
    keys = assign_keys(assigned, accepted["shop_id"].unique(maintain_order=True))
    places = assign_batches(assigned.drop("shop_id"), keys["product_id"])
    names = pl.concat([keys, assigned.select("shop_id", "product_id")]).drop_nulls().unique("product_id", keep="first")
    places = places.join(names, on="product_id", how="left", maintain_order="left")
    of_rows = keys.join(places.select("product_id", "position"), on="product_id", how="left")
    return places, good.join(of_rows, on="shop_id", how="left", maintain_order="left")


@dataclass(frozen=True)
class _Moves:
    """The number of products that were on sale before, are now, and came and went."""

    on_sale_before: int
    on_sale: int
    new: int
    withdrawn: int
    returned: int


def _moves(places: pl.DataFrame) -> _Moves:
    now, before = pl.col("is_withdrawn"), pl.col("was_withdrawn")
    counts = places.select(
        on_sale_before=(~before).sum(),
        on_sale=(~now).sum(),
        new=before.is_null().sum(),
        withdrawn=(~before & now).sum(),
        returned=(before & ~now).sum(),
    )
    return _Moves(**counts.row(0, named=True))


def _no_usable_row(source: JudgedSource, source_path: Path) -> SourceError:
    if source.first_bad is None:
        return SourceError(
            value=f"The source '{source_path}' has a header and no products",
            rule="an ingest needs at least one, so nothing was changed",
            remedy="export the products again",
        )
    line, reason = source.first_bad
    return SourceError(
        value=f"None of the {source.rows_in} rows of '{source_path}' can be used (line {line}: {reason})",
        rule="an ingest needs at least one, so nothing was changed",
        remedy="correct the source or the column mapping",
    )


def _refuse_mass_withdrawal(moves: _Moves, read: JudgedSource, source_path: Path) -> None:
    if moves.withdrawn * 2 > moves.on_sale_before:
        unusable = read.unusable_rows
        cause = (
            f"{unusable:,} of its {read.rows_in:,} rows cannot be used"
            if unusable
            else "it looks like a truncated file"
        )
        raise SourceError(
            value=(
                f"{moves.withdrawn} of the {moves.on_sale_before} products on sale are no longer in '{source_path}'"
            ),
            rule=f"more than half at once is refused ({cause}), so nothing was changed",
            remedy=(
                "use another FASHION_HOME for another catalog, or set FASHION_ALLOW_MASS_WITHDRAWAL=true if "
                "they are gone"
            ),
        )
