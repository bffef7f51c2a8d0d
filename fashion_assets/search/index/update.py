"""A new index version from an older one: only what changed is written, and nothing that is served is touched.

What changed is found by id and hash, product by product, against the version to start from: that holds whatever
became of the change feed, and a run that was killed half-way leaves nothing to repair.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import IndexBusy
from fashion_assets.search.index.build import index_schema, index_vectors, record_batches, require_each_once
from fashion_assets.search.index.rows import ROW_KEY, IndexRows, row_key
from fashion_assets.search.index.versions import (
    BUILT,
    BuiltIndex,
    IndexFacts,
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
"""Of the rows; when more have changed, a whole build gives a better index in about the same time."""

KEPT_VERSIONS = 5
"""Finished versions that are kept to be rolled back to, beside the live one."""

_NEVER = timedelta(days=36_500)
_DELETED_AT_ONCE = 10_000

_MERGED_AT_ONCE = 20_000
"""Rows in a commit: LanceDB holds all that it merges in memory."""


@dataclass(frozen=True)
class IndexChanges:
    """How an index version differs from what the next one is to hold: Int64 ids of products to write and to delete."""

    written_ids: pl.Series
    deleted_ids: pl.Series

    @property
    def count(self) -> int:
        return len(self.written_ids) + len(self.deleted_ids)


def index_changes(table: Table, rows: IndexRows) -> IndexChanges:
    """What to write into, and delete from, the version `table` is pinned at, so that it holds `rows`."""
    stored = table.search().select(["product_id", ROW_HASH]).limit(table.count_rows()).to_batches()
    known = pl.concat(pl.DataFrame(pl.from_arrow(some)).select("product_id", row_key()) for some in stored)
    changed = rows.keys.join(known, on=["product_id", ROW_KEY], how="anti")["product_id"].sort()
    return IndexChanges(changed, without(known["product_id"], rows.keys["product_id"]))


def can_update(table: Table, facts: IndexFacts) -> bool:
    """Whether a version with these facts can be made from the one `table` is pinned at: all vectors of one model."""
    before = index_facts(table)
    is_of_present_form = ROW_HASH in table.schema.names
    return is_of_present_form and (before.embedding_model, before.embedding_dimension) == (
        facts.embedding_model,
        facts.embedding_dimension,
    )


def update_index(
    uri: str, version: int, rows: IndexRows, largest_share: float = 1.0
) -> tuple[BuiltIndex, IndexChanges] | None:
    """Write a new version that holds `rows`, starting from the finished `version`.

    Returns it, and what was written and deleted for it. Returns None and writes nothing when that cannot start from
    `version` (see `can_update`), or more than `largest_share` of the rows have changed: then build it whole.
    Raises SearchError when the rows cannot be indexed (see `build_index`), or when the new version does not hold each
    product once: then another process wrote as well.
    """
    require_each_once(rows)
    table = open_newest(uri)
    table.checkout(version)
    if not can_update(table, rows.facts):
        return None
    changes = index_changes(table, rows)
    if changes.count > largest_share * max(len(rows.keys), table.count_rows()):
        return None
    table.restore()
    for some in _gathered(rows.read(changes.written_ids)):
        _merge(table, some, rows)
    for some in changes.deleted_ids.to_frame().iter_slices(_DELETED_AT_ONCE):
        table.delete(f"product_id IN ({', '.join(map(str, some['product_id']))})")
    index_vectors(table, rows)  # of columns that have outgrown exact search
    table.optimize(cleanup_older_than=_NEVER)  # takes the new rows into every index; what is old is `prune`'s business
    _require_same_ids(table, rows.keys["product_id"])
    write_facts(table, rows.facts)
    return finished(table), changes


def prune(uri: str, kept: int = KEPT_VERSIONS, slack: timedelta = timedelta(minutes=1)) -> list[int]:
    """Give up all but the last `kept` finished versions and the live one, and free their disk space; returns them.

    LanceDB cleans up by age, so versions younger than the oldest one kept stay on disk, unfinished ones included, and
    those that are older by less than `slack`: the age is reckoned anew when the clean-up begins.
    """
    table = open_newest(uri)
    tags = table.tags.list()
    finished_versions = sorted(tag["version"] for name, tag in tags.items() if name.startswith(BUILT))
    live = live_version(uri)
    keep = {*finished_versions[-kept:], live}
    given_up = [version for version in finished_versions if version not in keep]
    if not given_up:
        return []
    for version in given_up:
        table.tags.delete(f"{BUILT}{version}")
    written_at = {entry["version"]: entry["timestamp"] for entry in table.list_versions()}
    oldest = min(written_at[version] for version in keep if version in written_at)
    age = datetime.now(UTC) - oldest.astimezone(UTC)
    table.optimize(cleanup_older_than=age + slack)
    return given_up


def _gathered(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of `parts` in few frames, of some more than _MERGED_AT_ONCE rows at most."""
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
    found = indexed_ids(table)
    if len(found) != len(product_ids) or len(without(product_ids, found)):
        raise IndexBusy(
            value=(
                f"The index has {len(found)} rows for {len(product_ids)} products, so another process has "
                "written into it too"
            ),
            rule="only one may at a time",
            remedy="let one build at a time, and build again",
        )
