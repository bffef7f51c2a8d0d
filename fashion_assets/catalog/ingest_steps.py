"""The ingest's passes over the catalog, each of which has one part of the source or one group of batches in memory.

Between passes the rows are in disk buffers: judged rows by part of the source, then products and facts about their
photos by group of batches. Only ids, places, fingerprints and quarantined rows are in memory for the whole catalog.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.catalog.columns import ColumnMapping
from fashion_assets.catalog.disk_buffer import DiskBuffer
from fashion_assets.catalog.near_duplicates import as_bytes, duplicate_groups
from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.source import source_parts
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS, SOURCE_COLUMNS
from fashion_assets.catalog.validation import JUDGED, QUARANTINED, good_ids, judge_rows, repeated_ids, split_rows
from fashion_assets.orchestration.batches import batch_key, batch_number
from fashion_assets.orchestration.progress import Progress
from fashion_assets.storage.merging import Changes
from fashion_assets.storage.reader import BATCHES_AT_ONCE
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME

PLACED = pl.Schema({**{column.name: column.dtype for column in SOURCE_COLUMNS}, BATCH: pl.String})
_WITHOUT_PLACES = -1

Groups = dict[int, list[str]]
"""Batches that are processed together: BATCHES_AT_ONCE under each number, in order."""


@dataclass(frozen=True)
class JudgedSource:
    """Figures of a buffered source, and the line and reason of the first row that breaks a rule."""

    rows_in: int
    recovered_names: int
    first_bad: tuple[int, str] | None


def judge_source(path: Path, mapping: ColumnMapping, judged: DiskBuffer) -> tuple[JudgedSource, pl.DataFrame]:
    """Buffer the rows with their problems, by part of the source; also returns the `good_ids` of all."""
    rows_in, recovered_names, ids, bad = 0, 0, [good_ids(pl.DataFrame(schema=JUDGED))], []
    for number, part in enumerate(source_parts(path, mapping)):
        rows = judge_rows(part, mapping)
        judged.add(number, rows)
        ids.append(good_ids(rows))
        bad = bad or rows.drop_nulls("reason").select("line_number", "reason").head(1).rows()
        rows_in += len(rows)
        recovered_names += part.recovered_names
    return JudgedSource(rows_in, recovered_names, bad[0] if bad else None), pl.concat(ids)


def read_places(store: TableStore) -> pl.DataFrame:
    """The product_id, position and is_withdrawn of every product that has ever been in the source."""
    columns = ["product_id", "position", "is_withdrawn"]
    nothing = pl.DataFrame(schema={name: BATCH_ASSIGNMENTS.schema[name] for name in columns})
    return pl.concat([nothing, *store.read_in_parts(BATCH_ASSIGNMENTS, columns)])


def groups_of(places: pl.DataFrame) -> Groups:
    """Every batch that has ever had a product, in order."""
    firsts = places.group_by(batch_number(pl.col("position")).alias("number")).agg(pl.min("position")).sort("number")
    named = firsts.with_columns(batch_key(pl.col("position")).alias(BATCH))
    return {group: rows[BATCH].to_list() for group, rows in _by_group(named)}


def with_stray_batches(groups: Groups, store: TableStore) -> Groups:
    """`groups`, and the batches to empty: those that tables hold although their assignment was lost."""
    assigned = {batch for batches in groups.values() for batch in batches}
    strays = {*store.batches(PHOTOS), *store.batches(INGESTED_PRODUCTS)} - assigned
    return groups | {_WITHOUT_PLACES: sorted(strays)} if strays else groups


def place_products(
    judged: DiskBuffer, ids: pl.DataFrame, places: pl.DataFrame, products: DiskBuffer
) -> tuple[pl.DataFrame, int]:
    """Buffer the good rows with their batch, by group; returns the others, and the number of unreadable years."""
    repeated = repeated_ids(ids)
    by_id = places.select("product_id", "position").sort("product_id")  # searched: joins would hash all of it
    quarantined, unreadable_years = [pl.DataFrame(schema=QUARANTINED)], 0
    for number in judged.buckets():
        validated = split_rows(judged.read(number), repeated)
        quarantined.append(validated.quarantined)
        unreadable_years += validated.unreadable_years
        rows_of_ids = by_id["product_id"].search_sorted(validated.accepted["product_id"])
        placed = validated.accepted.with_columns(by_id["position"].gather(rows_of_ids))
        for group, rows in _by_group(placed.with_columns(batch_key(pl.col("position")).alias(BATCH))):
            products.add(group, rows)
    return pl.concat(quarantined), unreadable_years


def merge_places(store: TableStore, places: pl.DataFrame, groups: Groups, now: datetime) -> Changes:
    """Write the assignment; `now` is the time of new products. A crash leaves the first positions, without a gap."""
    store.ensure(BATCH_ASSIGNMENTS)
    changes = Changes(0, 0, 0, 0)
    for group, rows in _by_group(places):
        stored = store.read(BATCH_ASSIGNMENTS, groups[group], ["product_id", "assigned_at"])
        timed = rows.join(stored, on="product_id", how="left").with_columns(
            batch_key(pl.col("position")).alias(BATCH), pl.col("assigned_at").fill_null(pl.lit(now, UTC_TIME))
        )
        changes += store.merge(BATCH_ASSIGNMENTS, timed, groups[group])
    return changes


@dataclass(frozen=True)
class PhotoFigures:
    """The number of photos by status, and the `duplicate_group` of every product, group by group."""

    by_status: dict[str, int]
    duplicates: pl.Series


def collect_photo_facts(
    store: TableStore,
    groups: Groups,
    root: Path,
    products: DiskBuffer,
    photos: DiskBuffer,
    progress: Progress,
    total: int,
) -> PhotoFigures:
    """Buffer the facts about the products' photos, by group; `progress` counts them over all groups, up to `total`."""
    store.ensure(PHOTOS)
    by_status, ids, fingerprints = Counter(ok=0, missing=0, unreadable=0), [], []
    for group, batches in groups.items():
        rows, before = products.read(group), by_status.total()
        earlier = store.read(PHOTOS, batches)
        facts = photo_facts(rows, root, earlier, lambda done, _, before=before: progress(before + done, total))
        photos.add(group, facts)
        by_status.update(dict(facts["status"].value_counts().iter_rows()))
        ids.append(facts["product_id"])
        fingerprints.append(as_bytes(facts["perceptual_hash"]))
    return PhotoFigures(dict(by_status), duplicate_groups(pl.concat(ids), pl.concat(fingerprints)))


def merge_products(
    store: TableStore, groups: Groups, products: DiskBuffer, photos: DiskBuffer, duplicates: pl.Series
) -> dict[str, Changes]:
    """Write the facts about photos, and the products that are on sale; returns the changes by table name."""
    photo_changes = product_changes = Changes(0, 0, 0, 0)
    done = 0
    for group, batches in groups.items():
        facts = photos.read(group)
        facts = facts.with_columns(duplicate_group=duplicates.slice(done, len(facts)))
        done += len(facts)
        photo_changes += store.merge(PHOTOS, facts, batches)
        on_sale = products.read(group).with_columns(photo_status=facts["status"], photo_sha256=facts["sha256"])
        product_changes += store.merge(INGESTED_PRODUCTS, on_sale, batches)
    return {PHOTOS.name: photo_changes, INGESTED_PRODUCTS.name: product_changes}


def _by_group(places: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of each group, by their `position`, in their order."""
    grouped = places.with_columns(group=batch_number(pl.col("position")) // BATCHES_AT_ONCE)
    parts = grouped.partition_by("group", as_dict=True, include_key=False, maintain_order=True)
    return ((group, rows) for (group,), rows in sorted(parts.items()))
