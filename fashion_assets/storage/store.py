"""Reading and writing Delta tables by the one write rule: merge what differs, touch nothing else.

A write compares row hashes first and commits only when a row was added, changed or removed, so that re-running a
batch with unchanged input adds nothing to any change feed. Tables are created before the first write, because
parallel first writes lose rows, and commits that conflict are retried; how one merge goes is in `merging.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake
from filelock import FileLock, Timeout

from fashion_assets.errors import StorageError
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.key_numbers import with_key_number
from fashion_assets.storage.merging import Changes, compare, differences, merge_differences, retry_commit, write_first
from fashion_assets.storage.object_store import is_object_store, require_conditional_writes
from fashion_assets.storage.reader import TableFiles, TableReader, only_batches
from fashion_assets.storage.schema_changes import create, missing_columns, partition_columns, repartition, widen
from fashion_assets.storage.table import BATCH, ROW_HASH, Table

ROWS_READ_TOGETHER = 16_384
"""In a compacted file; a reader of few rows passes over those parts of a file in which there are none of them."""

COMMITS_BETWEEN_TIDYING = 20
"""Of appends: looking for expired logs after each takes a third as long as the append, once there are 1,000 of them."""

COMPACTED_BYTES = 32 * 2**20
"""A file that is smaller is written anew at the next compaction, so that this is also what each costs, by partition."""


class TableStore(TableReader):
    """A reader of tables that also writes them; both raise StorageError for an object store that cannot be used."""

    def ensure(self, table: Table) -> DeltaTable:
        """The table, created, widened by newly declared columns, or partitioned as declared where needed."""
        require_conditional_writes(self.uri)
        if not is_object_store(self.uri):
            Path(self.uri).mkdir(parents=True, exist_ok=True)
        if self._open(table) is None:
            retry_commit(lambda: create(self.location(table), table, self.storage_options))
        if missing_columns(self._open_existing(table), table):
            retry_commit(lambda: widen(self._open_existing(table), table))
        if partition_columns(self._open_existing(table)) != list(table.partition_by):
            retry_commit(lambda: repartition(self._open_existing(table), table))
        return self._open_existing(table)

    def _open_existing(self, table: Table) -> DeltaTable:
        delta = self._open(table)
        if delta is None:
            raise StorageError(
                value=f"Table '{table.name}' is gone from '{self.uri}', where it was a moment ago",
                rule="tables must stay while they are written",
                remedy="see who deletes it, and run the command again",
            )
        return delta

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
            raise StorageError(
                value=f"Rows for table '{table.name}' repeat a key {table.key}",
                rule="each key may occur once",
                remedy="remove the repeated rows",
            )
        return retry_commit(lambda: self._merge(table, rows, batch))

    def append(self, table: Table, rows: pl.DataFrame) -> None:
        """Add rows to an append-only table."""
        rows = with_key_number(with_row_hash(conform(rows, table), table.hashed_columns), table)
        retry_commit(lambda: self._append(self.ensure(table), rows))

    def compact(self, table: Table, wait_seconds: float = 60) -> TableFiles:
        """Write an append-only table's small files together, and delete replaced ones that are older than 7 days.

        Rows, readers and appends at the same time are not disturbed, and the change feed shows nothing; that is also
        why replaced files stay for Delta's default retention. Two compactions at a time would repeat rows without any
        error, so a lock keeps them apart. Raises StorageError when another one is not done after `wait_seconds`, and
        for tables in an object store, where there is no such lock. Returns the files that there are now.
        """
        if is_object_store(self.uri):
            raise StorageError(
                value=f"Table '{table.name}' is in the object store '{self.uri}'",
                rule="two compactions at a time could not be kept apart there and would repeat rows",
                remedy="compact it with your platform's own service",
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
                value=f"Table '{table.name}' is being compacted by another process",
                rule="two at a time would repeat rows",
                remedy="try again when that is done",
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
        old = self._scan(delta, table, {} if batch is None else only_batches(batch), [*table.key, ROW_HASH])
        changes = compare(old, rows, table.key)
        batches = [batch] if isinstance(batch, str) else batch
        if changes.total and batches and old.is_empty():
            write_first(delta, rows, batches)
        elif changes.total:
            merge_differences(delta, table, differences(old, rows, table.key), batches)
        return changes
