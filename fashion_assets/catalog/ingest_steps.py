"""The ingest's passes over the catalog, each of which holds one part of the source or one group of batches.

Between them the rows lie in disk buffers: judged rows by part of the source, then products and what is known of their
photos by group of batches. Of the whole catalog come only ids, places and fingerprints, and the quarantined rows.
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
"""Batches that are looked at together: BATCHES_AT_ONCE of them under each number, in order."""


@dataclass(frozen=True)
class JudgedSource:
    """Figures of a source put aside on disk, and the line and reason of the first row that breaks a rule."""

    rows_in: int
    recovered_names: int
    first_bad: tuple[int, str] | None


def judge_source(path: Path, mapping: ColumnMapping, judged: DiskBuffer) -> tuple[JudgedSource, pl.DataFrame]:
    """Buffers the rows with what is wrong with them, by part of the source; gives the `good_ids` of all."""
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
    """`groups` and the batches that tables hold without an assignment, should that have been lost: to be emptied."""
    assigned = {batch for batches in groups.values() for batch in batches}
    strays = {*store.batches(PHOTOS), *store.batches(INGESTED_PRODUCTS)} - assigned
    return groups | {_WITHOUT_PLACES: sorted(strays)} if strays else groups


def place_products(
    judged: DiskBuffer, ids: pl.DataFrame, places: pl.DataFrame, products: DiskBuffer
) -> tuple[pl.DataFrame, int]:
    """Buffers the good rows with their batch, by group; gives the others, and the number of unreadable years."""
    repeated = repeated_ids(ids)
    by_id = places.select("product_id", "position").sort("product_id")  # searched: a join would hash all for each part
    quarantined, unreadable_years = [pl.DataFrame(schema=QUARANTINED)], 0
    for number in judged.buckets():
        validated = split_rows(judged.read(number), repeated)
        quarantined.append(validated.quarantined)
        unreadable_years += validated.unreadable_years
        found = by_id["product_id"].search_sorted(validated.accepted["product_id"])
        placed = validated.accepted.with_columns(by_id["position"].gather(found))
        for group, rows in _by_group(placed.with_columns(batch_key(pl.col("position")).alias(BATCH))):
            products.add(group, rows)
    return pl.concat(quarantined), unreadable_years


def merge_places(store: TableStore, places: pl.DataFrame, groups: Groups, now: datetime) -> Changes:
    """Writes the assignment; `now` becomes the time of new products. A crash leaves the first places, without a gap."""
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
class PhotosSeen:
    """How many photos have which status, and the `duplicate_group` of every product, group by group."""

    by_status: dict[str, int]
    duplicates: pl.Series


def look_at_photos(
    store: TableStore,
    groups: Groups,
    root: Path,
    products: DiskBuffer,
    photos: DiskBuffer,
    progress: Progress,
    in_all: int,
) -> PhotosSeen:
    """Buffers what is known of the products' photos, by group; `progress` hears of all of them together."""
    store.ensure(PHOTOS)
    by_status, ids, fingerprints = Counter(ok=0, missing=0, unreadable=0), [], []
    for group, batches in groups.items():
        rows, before = products.read(group), by_status.total()
        known = store.read(PHOTOS, batches)
        seen = photo_facts(rows, root, known, lambda done, _, before=before: progress(before + done, in_all))
        photos.add(group, seen)
        by_status.update(dict(seen["status"].value_counts().iter_rows()))
        ids.append(seen["product_id"])
        fingerprints.append(as_bytes(seen["perceptual_hash"]))
    return PhotosSeen(dict(by_status), duplicate_groups(pl.concat(ids), pl.concat(fingerprints)))


def merge_products(
    store: TableStore, groups: Groups, products: DiskBuffer, photos: DiskBuffer, duplicates: pl.Series
) -> dict[str, Changes]:
    """Writes what is known of the photos, and the products that are on sale; gives the changes by table name."""
    of_photos = of_products = Changes(0, 0, 0, 0)
    done = 0
    for group, batches in groups.items():
        seen = photos.read(group)
        seen = seen.with_columns(duplicate_group=duplicates.slice(done, len(seen)))
        done += len(seen)
        of_photos += store.merge(PHOTOS, seen, batches)
        on_sale = products.read(group).with_columns(photo_status=seen["status"], photo_sha256=seen["sha256"])
        of_products += store.merge(INGESTED_PRODUCTS, on_sale, batches)
    return {PHOTOS.name: of_photos, INGESTED_PRODUCTS.name: of_products}


def _by_group(places: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of each group in their order, by their `position`."""
    grouped = places.with_columns(group=batch_number(pl.col("position")) // BATCHES_AT_ONCE)
    parts = grouped.partition_by("group", as_dict=True, include_key=False, maintain_order=True)
    return ((group, rows) for (group,), rows in sorted(parts.items()))
