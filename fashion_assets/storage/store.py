"""Reading and writing Delta tables by the one write rule: merge what differs, touch nothing else.

A write compares row hashes first and commits only when a row was added, changed or removed, so that re-running a
batch with unchanged input adds nothing to any change feed. Tables are created before the first write, because
parallel first writes lose rows, and commits that conflict are retried; how one merge goes is in `merging.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake
from filelock import FileLock, Timeout

from fashion_assets.errors import StorageError
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.key_numbers import with_key_number
from fashion_assets.storage.merging import Changes, compare, differences, merge_differences, retry_commit, write_first
from fashion_assets.storage.object_store import is_object_store, require_conditional_writes, require_reachable
from fashion_assets.storage.open_tables import OpenTables
from fashion_assets.storage.scanning import scan
from fashion_assets.storage.schema_changes import create, missing_columns, partition_columns, repartition, widen
from fashion_assets.storage.table import BATCH, ROW_HASH, Table

BATCHES_AT_ONCE = 20
"""Enough that setting up a read costs little, and few enough for some 100 MB."""

ROWS_READ_TOGETHER = 16_384
"""In a compacted file; a reader of few rows passes over those parts of a file in which there are none of them."""

COMMITS_BETWEEN_TIDYING = 20
"""Of appends: looking for expired logs after each takes a third as long as the append, once there are 1,000 of them."""

COMPACTED_BYTES = 32 * 2**20
"""A file that is smaller is written anew at the next compaction, so that this is also what each costs, by partition."""


@dataclass(frozen=True)
class TableFiles:
    """The data files of a table's present version."""

    count: int = 0
    bytes: int = 0


class TableStore:
    """All Delta tables below one URI: a folder, or an object store such as `s3://bucket/tables`.

    Reading and writing an object store that cannot be used raises StorageError, within seconds.
    """

    def __init__(self, uri: str, storage_options: Mapping[str, str] | None = None):
        self.uri = uri.rstrip("/")
        self.storage_options = dict(storage_options or {})
        self._tables = OpenTables()

    def location(self, table: Table) -> str:
        return f"{self.uri}/{table.name}"

    def ensure(self, table: Table) -> DeltaTable:
        """The table, created, widened by newly declared columns, or partitioned as declared where needed."""
        require_conditional_writes(self.uri)
        if not is_object_store(self.uri):
            Path(self.uri).mkdir(parents=True, exist_ok=True)
        delta = self._open(table)
        if delta is None:
            retry_commit(lambda: create(self.location(table), table, self.storage_options))
            delta = self._open(table)
        if missing_columns(delta, table):
            retry_commit(lambda: widen(self._open(table), table))
            delta = self._open(table)
        if partition_columns(delta) != list(table.partition_by):
            retry_commit(lambda: repartition(self._open(table), table))
            delta = self._open(table)
        return delta

    def version(self, table: Table) -> int:
        """The table's Delta version; -1 when it does not exist."""
        delta = self._open(table)
        return -1 if delta is None else delta.version()

    def read(
        self,
        table: Table,
        batch: str | Sequence[str] | None = None,
        columns: list[str] | None = None,
        partition: Mapping[str, str] | None = None,
        among: Mapping[str, Collection[Any]] | None = None,
        between: Mapping[str, tuple[datetime, datetime]] | None = None,
    ) -> pl.DataFrame:
        """The rows of one batch, of several (or any one partition), or of all, sorted by key, without the hash.

        `among` lists, by column, the values that are wanted, and `between` has, by column of times, the first and the
        last one wanted: other rows are left out while reading. A table that was never written has no rows.
        """
        wanted = columns or list(table.row_schema)
        delta = self._open(table)
        among = among or {}
        if delta is None or not all(among.values()):
            return pl.DataFrame(schema={name: table.schema[name] for name in wanted})
        partition = _only(batch) if batch is not None else dict(partition or {})
        frame = self._scan(delta, table, partition, list(dict.fromkeys([*table.key, *wanted])), among, between)
        return frame.sort(table.key).select(wanted)

    def batches(self, table: Table) -> list[str]:
        """The batches that a partitioned table has files of, in order; reads none of them."""
        delta = self._open(table)
        if delta is None:
            return []
        if BATCH not in partition_columns(delta):  # written before it was partitioned, and not since
            return self._scan(delta, table, {}, [BATCH])[BATCH].unique().sort().to_list()
        return sorted({partition[BATCH] for partition in delta.partitions()})

    def count(self, table: Table) -> int:
        """The number of rows, as the files' own counts in the log have it; reads no file."""
        delta = self._open(table)
        return 0 if delta is None else int(pl.DataFrame(delta.get_add_actions(flatten=True))["num_records"].sum())

    def read_in_parts(self, table: Table, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """The whole of a partitioned table, BATCHES_AT_ONCE batches at a time: what looks at all of it stays small."""
        for batches in in_groups(self.batches(table)):
            yield self.read(table, batches, columns)

    def merge(self, table: Table, rows: pl.DataFrame, batch: str | Sequence[str] | None = None) -> Changes:
        """Make the table, or the given batches of it, hold exactly `rows`: add, update where the hash differs, remove
        the rest.

        Without a `batch`, or with several, `rows` of a partitioned table need the column of that name.
        Raises StorageError when keys repeat, or when the commit kept conflicting with other writers.
        """
        if isinstance(batch, str):
            rows = rows.with_columns(pl.lit(batch).alias(BATCH))
        rows = with_row_hash(conform(rows, table), table.hashed_columns)
        if table.clustered_by:
            rows = rows.sort(table.clustered_by)
        if rows.select(table.key).is_duplicated().any():
            raise StorageError(f"Rows for table '{table.name}' repeat a key {table.key}; each key may occur once.")
        return retry_commit(lambda: self._merge(table, rows, batch))

    def append(self, table: Table, rows: pl.DataFrame) -> None:
        """Add rows to an append-only table."""
        rows = with_key_number(with_row_hash(conform(rows, table), table.hashed_columns), table)
        retry_commit(lambda: self._append(self.ensure(table), rows))

    def changes_since(self, table: Table, version: int) -> pl.DataFrame:
        """The change feed after `version`: rows with `_change_type` and `_commit_version`."""
        import pyarrow as pa

        delta = self._open(table)
        if delta is None or delta.version() <= version:
            return pl.DataFrame(schema={**table.schema, "_change_type": pl.String, "_commit_version": pl.Int64})
        feed = delta.load_cdf(starting_version=version + 1, ending_version=delta.version())
        return pl.DataFrame(pa.table(feed))

    def files(self, table: Table) -> TableFiles:
        """How many files the table is in, and their size; none when it was never written."""
        delta = self._open(table)
        if delta is None:
            return TableFiles()
        sizes = pl.DataFrame(delta.get_add_actions(flatten=True))["size_bytes"]
        return TableFiles(len(sizes), int(sizes.sum()))

    def compact(self, table: Table, wait_seconds: float = 60) -> TableFiles:
        """Write an append-only table's small files together, and delete replaced ones that are older than 7 days.

        Rows, readers and appends at the same time are not disturbed, and the change feed shows nothing; that is also
        why replaced files stay for Delta's default retention. Two compactions at a time would repeat rows without any
        error, so a lock keeps them apart. Raises StorageError when another one is not done after `wait_seconds`, and
        for tables in an object store, where there is no such lock. Returns the files that there are now.
        """
        if is_object_store(self.uri):
            raise StorageError(
                f"Table '{table.name}' is in the object store '{self.uri}', where two compactions at a time could not "
                "be kept apart and would repeat rows; compact it with your platform's own service."
            )
        if self._open(table) is None:
            return TableFiles()
        try:
            with FileLock(f"{self.location(table)}.compaction.lock", timeout=wait_seconds):
                retry_commit(
                    lambda: self.ensure(table).optimize.compact(
                        target_size=COMPACTED_BYTES,
                        writer_properties=WriterProperties(max_row_group_size=ROWS_READ_TOGETHER),
                    )
                )
                if self.ensure(table).vacuum(dry_run=True):
                    retry_commit(lambda: self.ensure(table).vacuum(dry_run=False))
        except Timeout as error:
            raise StorageError(
                f"Table '{table.name}' is being compacted by another process, and two at a time would repeat rows; "
                "try again when that is done."
            ) from error
        return self.files(table)

    def compact_if_fragmented(self, table: Table, files: int) -> bool:
        """Compact a local append-only table in more than `files` files, unless that is going on already.

        Returns whether it was compacted now.
        """
        if is_object_store(self.uri) or self.files(table).count <= files:
            return False
        try:
            self.compact(table, wait_seconds=0)
        except StorageError:  # another process is at it; this one's work needs no tidy table
            return False
        return True

    def _append(self, delta: DeltaTable, rows: pl.DataFrame) -> None:
        tidies = PostCommitHookProperties(cleanup_expired_logs=delta.version() % COMMITS_BETWEEN_TIDYING == 0)
        write_deltalake(delta, rows.to_arrow(), mode="append", post_commithook_properties=tidies)

    def _merge(self, table: Table, rows: pl.DataFrame, batch: str | Sequence[str] | None) -> Changes:
        """One try: compare with a snapshot and commit, which fails if a batch is no longer as in that snapshot."""
        delta = self.ensure(table)
        old = self._scan(delta, table, {} if batch is None else _only(batch), [*table.key, ROW_HASH])
        changes = compare(old, rows, table.key)
        batches = [batch] if isinstance(batch, str) else batch
        if changes.total and batches and old.is_empty():
            write_first(delta, rows, batches)
        elif changes.total:
            merge_differences(delta, table, differences(old, rows, table.key), batches)
        return changes

    def _open(self, table: Table) -> DeltaTable | None:
        require_reachable(self.uri)
        return self._tables.newest(self.location(table), self.storage_options)

    def _scan(
        self,
        delta: DeltaTable,
        table: Table,
        partition: Mapping[str, str | list[str]],
        columns: list[str],
        among: Mapping[str, Collection[Any]] | None = None,
        between: Mapping[str, tuple[datetime, datetime]] | None = None,
    ) -> pl.DataFrame:
        rows = scan(delta, table, columns, partition, among or {}, between or {}, self.storage_options)
        return conform(rows, table, columns)


def in_groups(batches: Sequence[str]) -> Iterator[Sequence[str]]:
    """BATCHES_AT_ONCE of them at a time."""
    return (batches[start : start + BATCHES_AT_ONCE] for start in range(0, len(batches), BATCHES_AT_ONCE))


def _only(batch: str | Sequence[str]) -> dict[str, str | list[str]]:
    return {BATCH: batch if isinstance(batch, str) else list(batch)}
