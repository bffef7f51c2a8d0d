"""Writes a report from the tables and the photos to one file."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.catalog.product_names import key_finder, shop_ids
from fashion_assets.errors import NotComputed
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, attributes_table
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
from fashion_assets.shop.profile import SHIPPED, ShopProfile
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
    profile: ShopProfile = SHIPPED,
) -> QualityReport:
    """Write the report on a batch, or with None on all batches, as HTML to `file`; returns its contents.

    `labels` is a CSV file of hand labels; without one the answers of the random audit count. `cost` has the figures of
    the run. Raises SourceError for labels that cannot be read, and NotComputed for a catalog without extracted batches.
    """
    if batch is None and not store.batches(EXTRACTED_ATTRIBUTES):
        raise NotComputed(
            value="Nothing has been extracted yet",
            rule="a report shows answers about photos",
            remedy="run `fashion run` first",
        )
    report = gather(
        batch or WHOLE_CATALOG,
        _parts(store, batch, profile),
        now,
        run_id,
        read_labels(labels, profile.taxonomy, key_finder(store))
        if labels
        else read_audit_labels(store, profile.taxonomy),
        cost,
        profile,
    )
    page = render(report, _photos(report, photos_root), shop_ids(store, report.named_products))
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(file)
    return report


def _parts(store: TableReader, batch: str | None, profile: ShopProfile) -> Iterator[Part]:
    """One batch, or all of them, BATCHES_AT_ONCE at a time."""
    if batch is not None:
        yield _part(store, store, [batch], profile)
        return
    records = ReadOnce(store)
    for batches in in_groups(store.batches(EXTRACTED_ATTRIBUTES)):
        yield _part(store, records, batches, profile)


def _part(store: TableReader, records: RowReader, batches: Sequence[str], profile: ShopProfile) -> Part:
    attributes = store.read(attributes_table(profile.taxonomy), batches)
    of_batches = [find_record(records, batch, attributes.filter(pl.col(BATCH) == batch), profile) for batch in batches]
    return Part(of_batches, attributes, store.read(CONSISTENCY_CHECKS, batches))


def _photos(report: QualityReport, root: Path) -> dict[int, str]:
    """By product id: its photo as a `data:` URI, or the code of the photo's problem."""
    photos: dict[int, str] = {}
    for product in report.shown_products:
        if product.product_id not in photos:
            try:
                photos[product.product_id] = (
                    photo_data_uri(root / product.image_path, PHOTO_PIXELS) if product.image_path else "photo_missing"
                )
            except PhotoProblem as problem:
                photos[product.product_id] = problem.code
    return photos
