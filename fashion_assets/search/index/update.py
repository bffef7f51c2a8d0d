"""Makes a new index version from an older one: only changes are written, and the served version is not touched.

Changes are found by id and hash against the older version: that works without the change feed, and a killed run leaves
nothing to repair.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import IndexBusy
from fashion_assets.search.index.build import index_schema, index_vectors, record_batches, require_each_once
from fashion_assets.search.index.rows import ROW_KEY, IndexRows, row_key
from fashion_assets.search.index.versions import (
    BUILT,
    BuiltIndex,
    finished,
    index_facts,
    indexed_ids,
    live_version,
    open_newest,
    without,
    write_facts,
)
from fashion_assets.storage.table import ROW_HASH

if TYPE_CHECKING:
    from lancedb.table import Table

os.environ.setdefault("LANCE_INCLUDE_VECTOR_CENTROIDS", "false")  # else LanceDB prints a warning at each clean-up

LARGEST_SHARE = 0.3
"""Share of the rows; if more have changed, a whole build gives a better index in about the same time."""

KEPT_VERSIONS = 5
"""Finished versions that are kept for a rollback, besides the live one."""

_NEVER = timedelta(days=36_500)
_DELETED_AT_ONCE = 10_000

_MERGED_AT_ONCE = 20_000
"""Rows per commit: LanceDB holds everything that it merges in memory."""


@dataclass(frozen=True)
class IndexChanges:
    """The difference between an index version and the next one: Int64 ids of products to write and to delete."""

    written_ids: pl.Series
    deleted_ids: pl.Series

    @property
    def count(self) -> int:
        return len(self.written_ids) + len(self.deleted_ids)


def index_changes(table: Table, rows: IndexRows) -> IndexChanges:
    """The changes that make the version that `table` is pinned at hold `rows`."""
    stored = table.search().select(["product_id", ROW_HASH]).limit(table.count_rows()).to_batches()
    indexed = pl.concat(pl.DataFrame(pl.from_arrow(part)).select("product_id", row_key()) for part in stored)
    changed = rows.keys.join(indexed, on=["product_id", ROW_KEY], how="anti")["product_id"].sort()
    return IndexChanges(changed, without(indexed["product_id"], rows.keys["product_id"]))


def can_update(table: Table, rows: IndexRows) -> bool:
    """Whether a version of `rows` can start from the one that `table` is pinned at: same model, columns, stems."""
    before, after = index_facts(table), rows.facts
    has_same_columns = set(table.schema.names) == set(index_schema(after, rows.taxonomy).names)
    return has_same_columns and replace(before, content_fingerprint="") == replace(after, content_fingerprint="")


def update_index(
    uri: str, version: int, rows: IndexRows, largest_share: float = 1.0
) -> tuple[BuiltIndex, IndexChanges] | None:
    """Write a new version that holds `rows`, starting from the finished `version`.

    Returns it with its changes. Returns None and writes nothing if it cannot start from `version` (see `can_update`),
    or more than `largest_share` of the rows have changed: then build it whole. Raises SearchError if the rows cannot be
    indexed (see `build_index`), or if the new version does not hold each product once because another process wrote.
    """
    require_each_once(rows)
    table = open_newest(uri)
    table.checkout(version)
    if not can_update(table, rows):
        return None
    changes = index_changes(table, rows)
    if changes.count > largest_share * max(len(rows.keys), table.count_rows()):
        return None
    table.restore()
    for part in _gathered(rows.read(changes.written_ids)):
        _merge(table, part, rows)
    for part in changes.deleted_ids.to_frame().iter_slices(_DELETED_AT_ONCE):
        table.delete(f"product_id IN ({', '.join(map(str, part['product_id']))})")
    index_vectors(table, rows)  # of columns that have outgrown exact search
    table.optimize(cleanup_older_than=_NEVER)  # adds the new rows to every index; `prune` removes old versions
    _require_same_ids(table, rows.keys["product_id"])
    write_facts(table, rows.facts)
    return finished(table), changes


def prune(uri: str, kept: int = KEPT_VERSIONS, slack: timedelta = timedelta(minutes=1)) -> list[int]:
    """Drop all but the last `kept` finished versions and the live one, and free their disk space; returns them.

    LanceDB cleans up by age, so versions younger than the oldest one kept stay on disk, including unfinished
    ones, and so do those that are older by less than `slack`: the age is computed again when the clean-up begins.
    """
    table = open_newest(uri)
    tags = table.tags.list()
    finished_versions = sorted(tag["version"] for name, tag in tags.items() if name.startswith(BUILT))
    live = live_version(uri)
    keep = {*finished_versions[-kept:], live}
    dropped = [version for version in finished_versions if version not in keep]
    if not dropped:
        return []
    for version in dropped:
        table.tags.delete(f"{BUILT}{version}")
    written_at = {entry["version"]: entry["timestamp"] for entry in table.list_versions()}
    oldest = min(written_at[version] for version in keep if version in written_at)
    age = datetime.now(UTC) - oldest.astimezone(UTC)
    table.optimize(cleanup_older_than=age + slack)
    return dropped


def _gathered(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of `parts` in fewer frames, each of little more than _MERGED_AT_ONCE rows at most."""
    held: list[pl.DataFrame] = []
    for part in parts:
        held.append(part)
        if sum(map(len, held)) >= _MERGED_AT_ONCE:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def _merge(table: Table, changed: pl.DataFrame, rows: IndexRows) -> None:
    import pyarrow as pa

    written = pa.Table.from_batches(
        record_batches(changed, rows.facts, rows.taxonomy), index_schema(rows.facts, rows.taxonomy)
    )
    merge = table.merge_insert("product_id").when_matched_update_all().when_not_matched_insert_all()
    merge.execute(written, on_bad_vectors="null")


def _require_same_ids(table: Table, product_ids: pl.Series) -> None:
    present = indexed_ids(table)
    if len(present) != len(product_ids) or len(without(product_ids, present)):
        raise IndexBusy(
            value=(
                f"The index has {len(present)} rows for {len(product_ids)} products, so another process has "
                "written into it too"
            ),
            rule="only one may write at a time",
            remedy="stop the other process, and build again",
        )
