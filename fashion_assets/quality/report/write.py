"""Writing a report: from the tables and the photos to one file."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.history import WHOLE_CATALOG
from fashion_assets.models.photos import PhotoProblem
from fashion_assets.orchestration.previews import photo_data_uri
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.quality.labels.random_audit import read_audit_labels
from fashion_assets.quality.report.contents import QualityReport
from fashion_assets.quality.report.gather import Part, gather
from fashion_assets.quality.report.page import render
from fashion_assets.quality.report.records import find_record
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.storage.read_once import ReadOnce
from fashion_assets.storage.reader import RowReader, TableReader, in_groups
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

PHOTO_PIXELS = (160, 160)


def write_report(
    store: TableStore,
    batch: str | None,
    photos_root: Path,
    file: Path,
    now: datetime,
    run_id: str | None = None,
    labels: Path | None = None,
    cost: Mapping[str, object] | None = None,
) -> QualityReport:
    """Write the report on a batch, or with None on all batches, as HTML to `file`; returns what it tells.

    `labels` is a CSV file of hand labels; without one the random audit's answers count. `cost` has the figures of the
    run. Raises SourceError for labels that cannot be read.
    """
    report = gather(
        batch or WHOLE_CATALOG,
        _parts(store, batch),
        now,
        run_id,
        read_labels(labels) if labels else read_audit_labels(store),
        cost,
    )
    page = render(report, _photos(report, photos_root))
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(file)
    return report


def _parts(store: TableReader, batch: str | None) -> Iterator[Part]:
    """One batch, or all of them, BATCHES_AT_ONCE at a time."""
    if batch is not None:
        yield _part(store, store, [batch])
        return
    records = ReadOnce(store)
    for batches in in_groups(store.batches(EXTRACTED_ATTRIBUTES)):
        yield _part(store, records, batches)


def _part(store: TableReader, records: RowReader, batches: Sequence[str]) -> Part:
    attributes = store.read(EXTRACTED_ATTRIBUTES, batches)
    found = [find_record(records, batch, attributes.filter(pl.col(BATCH) == batch)) for batch in batches]
    return Part(found, attributes, store.read(CONSISTENCY_CHECKS, batches))


def _photos(report: QualityReport, root: Path) -> dict[int, str]:
    """By product id: its photo as a `data:` URI, or the code of the photo's problem."""
    found = {}
    for product in report.shown_products:
        if product.product_id not in found:
            try:
                found[product.product_id] = (
                    photo_data_uri(root / product.image_path, PHOTO_PIXELS) if product.image_path else "photo_missing"
                )
            except PhotoProblem as problem:
                found[product.product_id] = problem.code
    return found
