"""A new index version from an older one: only what changed is written, and nothing that is served is touched.

What changed is found by id and hash, product by product, against the version to start from: that holds whatever
became of the change feed, and a run that was killed half-way leaves nothing to repair.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import SearchError
from fashion_assets.search.index import (
    BUILT,
    BuiltIndex,
    IndexFacts,
    arrow_rows,
    facts_of,
    finished,
    index_facts,
    index_vectors,
    live_version,
    open_newest,
    with_index_hash,
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


@dataclass(frozen=True)
class IndexChanges:
    """How an index version differs from the rows that the next one is to hold; `rows` are those to write."""

    rows: pl.DataFrame
    deleted_ids: list[int]

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.deleted_ids)


def index_changes(table: Table, rows: pl.DataFrame) -> IndexChanges:
    """What to write into, and delete from, the version `table` is pinned at, so that it holds `rows`."""
    stored = table.search().select(["product_id", ROW_HASH]).limit(table.count_rows()).to_arrow()
    known = pl.DataFrame(pl.from_arrow(stored))
    wanted = with_index_hash(rows)
    changed = wanted.join(known, on=["product_id", ROW_HASH], how="anti", maintain_order="left").drop(ROW_HASH)
    deleted = known.join(rows, on="product_id", how="anti")["product_id"].sort().to_list()
    return IndexChanges(changed, deleted)


def can_update(table: Table, facts: IndexFacts) -> bool:
    """Whether a version with these facts can be made from the one `table` is pinned at: all vectors of one model."""
    before = index_facts(table)
    is_of_present_form = ROW_HASH in table.schema.names
    return is_of_present_form and (before.embedding_model, before.embedding_dimension) == (
        facts.embedding_model,
        facts.embedding_dimension,
    )


def update_index(
    uri: str,
    version: int,
    rows: pl.DataFrame,
    embedding_model: str,
    content_fingerprint: str | None = None,
    largest_share: float = 1.0,
) -> tuple[BuiltIndex, IndexChanges] | None:
    """Write a new version that holds `rows` (EMBEDDINGS schema), starting from the finished `version`.

    Returns it, and what was written and deleted for it. Returns None and writes nothing when that cannot start from
    `version` (see `can_update`), or more than `largest_share` of the rows have changed: then build it whole.
    Raises SearchError when the rows cannot be indexed (see `build_index`), or when the new version does not hold each
    product once: then another process wrote as well.
    """
    facts = facts_of(rows, embedding_model, content_fingerprint)
    table = open_newest(uri)
    table.checkout(version)
    if not can_update(table, facts):
        return None
    changes = index_changes(table, rows)
    if changes.count > largest_share * max(len(rows), table.count_rows()):
        return None
    table.restore()
    if len(changes.rows):
        merge = table.merge_insert("product_id").when_matched_update_all().when_not_matched_insert_all()
        merge.execute(arrow_rows(changes.rows, facts), on_bad_vectors="null")
    for start in range(0, len(changes.deleted_ids), _DELETED_AT_ONCE):
        ids = ", ".join(str(int(number)) for number in changes.deleted_ids[start : start + _DELETED_AT_ONCE])
        table.delete(f"product_id IN ({ids})")
    index_vectors(table, rows)  # of columns that have outgrown exact search
    table.optimize(cleanup_older_than=_NEVER)  # takes the new rows into every index; what is old is `prune`'s business
    _require_each_once(table, rows)
    write_facts(table, facts)
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


def _require_each_once(table: Table, rows: pl.DataFrame) -> None:
    stored = table.search().select(["product_id"]).limit(table.count_rows() + 1).to_arrow()["product_id"]
    found = pl.Series("product_id", stored.to_pylist(), dtype=pl.Int64)
    if len(found) != len(rows) or set(found) != set(rows["product_id"]):
        raise SearchError(
            f"The index has {len(found)} rows for {len(rows)} products, so another process has written into it too; "
            "let one build at a time, and build again."
        )
