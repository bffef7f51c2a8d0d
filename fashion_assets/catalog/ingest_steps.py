"""The ingest's passes over the catalog, each of which has one part of the source or one group of batches in memory.

Between passes the rows are in disk buffers: judged rows by part of the source, then products and facts about their
photos by group of batches. Only ids, places, fingerprints and quarantined rows are in memory for the whole catalog.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fashion_assets.catalog.disk_buffer import DiskBuffer
from fashion_assets.catalog.judged import JUDGED, LEFT_OUT, QUARANTINED
from fashion_assets.catalog.near_duplicates import as_bytes, duplicate_groups
from fashion_assets.catalog.offer_prices import with_prices
from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.photo_intake import PhotoIntake, PhotoPlaces
from fashion_assets.catalog.shapes.records import OFFER, Repairs
from fashion_assets.catalog.source import Source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTO_STATUSES, PHOTOS, PRODUCT_VARIANTS
from fashion_assets.catalog.validation import good_rows, judge_offers, repeated_skus, split_rows
from fashion_assets.catalog.values.amounts import Sign
from fashion_assets.catalog.values.prices import DecimalEvidence
from fashion_assets.catalog.variants import products_of, variants_of
from fashion_assets.orchestration.batches import batch_key, batch_number
from fashion_assets.orchestration.progress import Progress
from fashion_assets.shop.catalog_rules import PriceRules
from fashion_assets.storage.merging import Changes
from fashion_assets.storage.reader import BATCHES_AT_ONCE
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME

_BEFORE_PLACING = ("kind", "reason", "raw_line", "role", "price", "sale_price", "list_price")

PLACED = pl.Schema(
    {
        "product_id": pl.Int64,
        BATCH: pl.String,
        **{name: dtype for name, dtype in JUDGED.items() if name not in _BEFORE_PLACING},
        "price": pl.Float64,
        "list_price": pl.Float64,
        "currency": pl.String,
        "is_price_range": pl.Boolean,
    }
)
"""An accepted offer, with its product's key and batch."""
_WITHOUT_PLACES = -1

Groups = dict[int, list[str]]
"""Batches that are processed together: BATCHES_AT_ONCE under each number, in order."""


@dataclass(frozen=True)
class JudgedSource:
    """Figures of a buffered source: rows by role, repairs, how prices are written, the number of rows that break a rule
    by themselves, and the first of them (line and reason)."""

    rows_by_role: Mapping[str, int]
    repairs: Repairs
    price: DecimalEvidence
    sale_price: DecimalEvidence
    unusable_rows: int
    first_bad: tuple[int, str] | None

    @property
    def rows_in(self) -> int:
        return sum(self.rows_by_role.values())

    @property
    def continuations(self) -> int:
        """Rows that are no offers but add to some."""
        return self.rows_in - self.rows_by_role.get(OFFER, 0)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Without Python's cyclic garbage collector, which would walk the lists of all cells again and again: reading a
    table makes no cycles, and takes a sixth less time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_collector()
def judge_source(source: Source, judged: DiskBuffer) -> tuple[JudgedSource, pl.DataFrame]:
    """Buffer the rows with their problems, by part of the source; also returns the `good_rows` of all."""
    roles, repairs, unusable, bad = Counter(), Repairs(), 0, []
    price, sale_price = DecimalEvidence(), DecimalEvidence()
    good = [good_rows(pl.DataFrame(schema=JUDGED))]
    for number, part in enumerate(source.offers(repairs)):
        rows = judge_offers(part, source.judging)
        judged.add(number, rows)
        good.append(good_rows(rows))
        price.add(rows["price"])
        sale_price.add(rows["sale_price"])
        unusable += rows.filter(pl.col("kind").is_not_null() & ~pl.col("kind").is_in(LEFT_OUT)).height
        bad = bad or rows.drop_nulls("reason").select("line_number", "reason").head(1).rows()
        roles.update(dict(rows["role"].value_counts().iter_rows()))
    return JudgedSource(roles, repairs, price, sale_price, unusable, bad[0] if bad else None), pl.concat(good)


def read_places(store: TableStore) -> pl.DataFrame:
    """The product_id, shop_id, position and is_withdrawn of every product that has ever been in the source."""
    columns = ["product_id", "shop_id", "position", "is_withdrawn"]
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


@dataclass(frozen=True)
class Placed:
    """Figures of the accepted offers: their number, the values that could not be read by what they are, and the rows
    that were not accepted (QUARANTINED)."""

    offers: int
    unreadable: Mapping[str, int]
    quarantined: pl.DataFrame


def place_products(
    judged: DiskBuffer, source: JudgedSource, good: pl.DataFrame, written: PriceRules, products: DiskBuffer
) -> Placed:
    """Buffer the accepted offers with prices, key and batch, by group; `good` has product_id and position as well.

    `written` is how the shop says that prices are written; the columns decide what it does not say.
    """
    sign: Sign = written.decimal or source.price.decided()
    sale_sign: Sign = written.decimal or source.sale_price.decided()
    repeated = repeated_skus(good)
    by_line = good.select("line_number", "product_id", "position")
    quarantined, offers, unreadable = [pl.DataFrame(schema=QUARANTINED)], 0, Counter()
    for number in judged.buckets():
        accepted, rejected = split_rows(judged.read(number), repeated)
        quarantined.append(rejected)
        accepted = with_prices(accepted, sign, sale_sign, written.currency)
        offers += len(accepted)
        what = accepted["unreadable"].drop_nulls().explode().str.split(": ").list.first()
        unreadable.update(dict(what.value_counts().iter_rows()))
        placed = accepted.join(by_line, on="line_number", how="left", maintain_order="left")
        for group, rows in _by_group(placed.with_columns(batch_key(pl.col("position")).alias(BATCH))):
            products.add(group, rows)
    return Placed(offers, dict(unreadable), pl.concat(quarantined))


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
    """The number of main photos by status, the `duplicate_group` of every product, group by group, and how photos came
    in."""

    by_status: Mapping[str, int]
    duplicates: pl.Series
    intake: PhotoIntake


def collect_photo_facts(
    store: TableStore,
    groups: Groups,
    places: PhotoPlaces,
    products: DiskBuffer,
    photos: DiskBuffer,
    progress: Progress,
    total: int,
) -> PhotoFigures:
    """Bring the products' photos below the photos folder, and buffer the facts about them, by group.

    `progress` counts products over all groups, up to `total`.
    """
    store.ensure(PHOTOS)
    by_status, ids, fingerprints = Counter(dict.fromkeys(PHOTO_STATUSES, 0)), [], []
    files = PhotoFiles(places.root)
    intake = PhotoIntake.of(places, (products.read(group)["photos"] for group in groups))
    for group, batches in groups.items():
        rows, before = intake.with_paths(products_of(products.read(group))), by_status.total()
        earlier = store.read(PHOTOS, batches)
        facts = photo_facts(rows, files, earlier, lambda done, _, before=before: progress(before + done, total))
        facts = intake.with_problems(facts, rows)
        photos.add(group, facts)
        by_status.update(dict(facts["status"].value_counts().iter_rows()))
        ids.append(facts["product_id"])
        fingerprints.append(as_bytes(facts["perceptual_hash"]))
    duplicates = duplicate_groups(pl.concat(ids), pl.concat(fingerprints))
    return PhotoFigures(dict(by_status), duplicates, intake)


def merge_products(
    store: TableStore, groups: Groups, products: DiskBuffer, photos: DiskBuffer, figures: PhotoFigures
) -> dict[str, Changes]:
    """Write the facts about photos, the products that are on sale and their variants; returns changes by table name."""
    changes = {table.name: Changes(0, 0, 0, 0) for table in (PHOTOS, INGESTED_PRODUCTS, PRODUCT_VARIANTS)}
    done = 0
    for group, batches in groups.items():
        offers, facts = products.read(group), photos.read(group)
        facts = facts.with_columns(duplicate_group=figures.duplicates.slice(done, len(facts)))
        done += len(facts)
        changes[PHOTOS.name] += store.merge(PHOTOS, facts, batches)
        on_sale = figures.intake.with_paths(products_of(offers)).with_columns(
            image_path=facts["image_path"], photo_status=facts["status"], photo_sha256=facts["sha256"]
        )
        changes[INGESTED_PRODUCTS.name] += store.merge(INGESTED_PRODUCTS, on_sale, batches)
        variants = variants_of(offers)
        if len(variants) or store.version(PRODUCT_VARIANTS) >= 0:  # most catalogs have none, and then no table
            changes[PRODUCT_VARIANTS.name] += store.merge(PRODUCT_VARIANTS, variants, batches)
    return changes


def _by_group(places: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """The rows of each group, by their `position`, in their order."""
    grouped = places.with_columns(group=batch_number(pl.col("position")) // BATCHES_AT_ONCE)
    parts = grouped.partition_by("group", as_dict=True, include_key=False, maintain_order=True)
    return ((group, rows) for (group,), rows in sorted(parts.items()))
