"""The whole ingest: read the source, judge its rows, look at the photos, place the products, write four tables.

The steps themselves are in the modules beside this one; here is their order, and when to refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.batches import assign_batches
from fashion_assets.catalog.columns import ColumnMapping
from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.source import read_source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.catalog.validation import ValidatedRows, validate
from fashion_assets.errors import SourceError
from fashion_assets.storage.store import Changes, TableStore
from fashion_assets.storage.table import BATCH


@dataclass(frozen=True)
class IngestResult:
    """What an ingest found and changed. `rows_in` is always `accepted` + `quarantined`."""

    rows_in: int
    accepted: int
    quarantined: int
    quarantined_by_kind: dict[str, int]
    recovered_names: int
    unreadable_years: int
    photos_by_status: dict[str, int]
    """Products by photo status: ok, missing, unreadable."""
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
    source_path: Path,
    mapping: ColumnMapping,
    photos_root: Path,
    store: TableStore,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    allow_mass_withdrawal: bool = False,
) -> IngestResult:
    """Brings the store's catalog tables in step with the source; the same source twice changes nothing.

    A row that is quarantined is not on sale: a product whose row breaks a rule is withdrawn until it is mended.
    `now` (UTC) becomes the new products' assignment time; `progress` is called with (photos done, photos in all).
    Raises SourceError, with nothing written, when the source cannot be read, has no usable row, or lacks more than
    half of the products that were on sale.
    """
    source = read_source(source_path, mapping)
    validated = validate(source, mapping)
    _refuse_empty(validated, source_path)
    known = store.read(BATCH_ASSIGNMENTS)
    assignments = assign_batches(known, validated.accepted["product_id"], now)
    moves = _moves(known, assignments)
    if not allow_mass_withdrawal:
        _refuse_mass_withdrawal(moves, source_path)
    products = validated.accepted.join(
        assignments.select("product_id", BATCH), on="product_id", how="left", maintain_order="left"
    )
    photos = photo_facts(products, photos_root, store.read(PHOTOS), progress)
    on_sale = products.with_columns(photo_status=photos["status"], photo_sha256=photos["sha256"])
    changes = {  # places first: after a crash, no product may be in a batch that the assignment does not know
        table.name: store.merge(table, rows)
        for table, rows in (
            (BATCH_ASSIGNMENTS, assignments),
            (QUARANTINED_ROWS, validated.quarantined),
            (PHOTOS, photos),
            (INGESTED_PRODUCTS, on_sale),
        )
    }
    return IngestResult(
        rows_in=len(source.rows),
        accepted=len(validated.accepted),
        quarantined=len(validated.quarantined),
        quarantined_by_kind=_counts(validated.quarantined["kind"]),
        recovered_names=source.recovered_names,
        unreadable_years=validated.unreadable_years,
        photos_by_status={"ok": 0, "missing": 0, "unreadable": 0} | _counts(photos["status"]),
        duplicate_groups=photos["duplicate_group"].drop_nulls().n_unique(),
        new_products=moves.new,
        withdrawn_products=moves.withdrawn,
        returned_products=moves.returned,
        batches=assignments[BATCH].unique().sort().to_list(),
        changes=changes,
    )


@dataclass(frozen=True)
class _Moves:
    """How many products were on sale before, and how many came and went since."""

    on_sale_before: int
    new: int
    withdrawn: int
    returned: int


def _moves(known: pl.DataFrame, assignments: pl.DataFrame) -> _Moves:
    before_and_now = assignments.join(known, on="product_id", how="left", suffix="_before")
    now, before = pl.col("is_withdrawn"), pl.col("is_withdrawn_before")
    counts = before_and_now.select(
        on_sale_before=(~before).sum(),
        new=before.is_null().sum(),
        withdrawn=(~before & now).sum(),
        returned=(before & ~now).sum(),
    )
    return _Moves(**counts.row(0, named=True))


def _refuse_empty(validated: ValidatedRows, source_path: Path) -> None:
    if not validated.accepted.is_empty():
        return
    if validated.quarantined.is_empty():
        raise SourceError(f"The source '{source_path}' has a header but no products; nothing was changed.")
    line, reason = validated.quarantined.select("line_number", "reason").row(0)
    raise SourceError(
        f"None of the {len(validated.quarantined)} rows of '{source_path}' can be used (line {line}: {reason}); "
        "correct the source or the column mapping; nothing was changed."
    )


def _refuse_mass_withdrawal(moves: _Moves, source_path: Path) -> None:
    if moves.withdrawn * 2 > moves.on_sale_before:
        raise SourceError(
            f"{moves.withdrawn} of the {moves.on_sale_before} products on sale are no longer in '{source_path}': "
            "more than half at once looks like a truncated file, so nothing was changed; "
            "use another FASHION_HOME for another catalog, or set FASHION_ALLOW_MASS_WITHDRAWAL=true if they are gone."
        )


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.value_counts(sort=True).iter_rows())
