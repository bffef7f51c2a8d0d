"""Writing a report: from the tables and the photos to one file."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.catalog.previews import photo_data_uri
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gate_history import WHOLE_CATALOG
from fashion_assets.photos import PhotoProblem
from fashion_assets.quality.labels import read_labels
from fashion_assets.quality.report.contents import QualityReport, gather
from fashion_assets.quality.report.page import render
from fashion_assets.quality.report.records import find_record
from fashion_assets.quality.review.audit import read_audit_labels
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.storage.read_once import ReadOnce
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
    run. Raises SourceError for labels that cannot be
    read.
    """
    attributes = store.read(EXTRACTED_ATTRIBUTES, batch)
    broken = store.read(CONSISTENCY_CHECKS, batch)
    own = {batch: attributes} if batch else _by_batch(attributes)
    records = store if batch else ReadOnce(store)
    report = gather(
        batch or WHOLE_CATALOG,
        attributes,
        broken,
        [find_record(records, name, rows) for name, rows in own.items()],
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


def _by_batch(attributes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {name: rows for (name,), rows in attributes.sort(BATCH).partition_by(BATCH, as_dict=True).items()}


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
