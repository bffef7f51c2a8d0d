"""Reading and writing Delta tables by one write rule: merge what differs, touch nothing else.

A write compares row hashes first and commits only when a row was added, changed or removed, so that re-running a
batch with unchanged input adds nothing to any change feed. Tables are created before the first write, because
parallel first writes lose rows, and commits that conflict are retried. A single merge is in `merging.py`.
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
from fashion_assets.storage.last_commits import record_commit
from fashion_assets.storage.merging import Changes, compare, differences, merge_differences, retry_commit, write_first
from fashion_assets.storage.object_store import is_object_store, require_conditional_writes
from fashion_assets.storage.places import file_system_errors
from fashion_assets.storage.reader import TableFiles, TableReader, only_batches
from fashion_assets.storage.recomputing import clear_lost
from fashion_assets.storage.schema_changes import create, missing_columns, partition_columns, repartition, widen
from fashion_assets.storage.table import BATCH, ROW_HASH, Table

ROWS_READ_TOGETHER = 16_384
"""Rows per row group of a compacted file; a reader of few rows skips the row groups without them."""

COMMITS_BETWEEN_CLEANUPS = 20
"""Appends between two searches for expired logs, each of which takes a third of an append once there are 1,000 logs."""

COMPACTED_BYTES = 32 * 2**20
"""Smaller files are rewritten by the next compaction, so this also bounds what a compaction rewrites per partition."""


class TableStore(TableReader):
    """A reader of tables that also writes them; both raise StorageError for an unusable object store."""

    def ensure(self, table: Table) -> DeltaTable:
        """The table; created, extended by new columns, or repartitioned first if its declaration requires it."""
        require_conditional_writes(self.uri)
        if not is_object_store(self.uri):
            with file_system_errors(self.uri):
                Path(self.uri).mkdir(parents=True, exist_ok=True)
        if self._open(table) is None:
            retry_commit(lambda: create(self.location(table), table, self.storage_options))
            self._record(table)
        if missing_columns(self._open_existing(table), table):
            retry_commit(lambda: widen(self._open_existing(table), table))
            self._record(table)
        if partition_columns(self._open_existing(table)) != list(table.partition_by):
            retry_commit(lambda: repartition(self._open_existing(table), table))
            self._record(table)
        return self._open_existing(table)

    def _open_existing(self, table: Table) -> DeltaTable:
        delta = self._open(table)
        if delta is None:
            raise StorageError(
                value=f"Table '{table.name}' in '{self.uri}' was deleted during a write",
                rule="tables must not be deleted while they are written",
                remedy="find out what deletes it, and run the command again",
            )
        return delta

    def merge(self, table: Table, rows: pl.DataFrame, batch: str | Sequence[str] | None = None) -> Changes:
        """Make the table, or its given batches, hold exactly `rows`: add, update where the hash differs, delete the
        rest.

        Without a `batch`, or with several, `rows` of a partitioned table need the column `batch`.
        Raises StorageError for repeated keys, and when the commit keeps conflicting with other writers.
        """
        if isinstance(batch, str):
            rows = rows.with_columns(pl.lit(batch).alias(BATCH))
        rows = with_row_hash(conform(rows, table), table.hashed_columns, table.later_columns)
        if table.clustered_by:
            rows = rows.sort(table.clustered_by)
        if rows.select(table.key).is_duplicated().any():
            raise StorageError(
                value=f"Rows for table '{table.name}' repeat a key {table.key}",
                rule="each key may occur once",
                remedy="remove the repeated rows",
            )
        with file_system_errors(self.uri), self._damage_named(table):
            changes = retry_commit(lambda: self._merge(table, rows, batch))
            if changes.total:
                self._record(table)
            clear_lost(self.uri, table, [batch] if isinstance(batch, str) else batch)
        return changes

    def append(self, table: Table, rows: pl.DataFrame) -> None:
        """Add rows to an append-only table."""
        rows = with_key_number(with_row_hash(conform(rows, table), table.hashed_columns, table.later_columns), table)
        with file_system_errors(self.uri), self._damage_named(table):
            retry_commit(lambda: self._append(self.ensure(table), rows))
            self._record(table)

    def compact(self, table: Table, wait_seconds: float = 60, batch: str | None = None) -> TableFiles:
        """Combine the small files of an append-only table, or of one batch in it, and delete replaced files that are
        older than 7 days.

        Concurrent readers and appends are not disturbed, and the change feed shows nothing; that is also why replaced
        files are kept for Delta's default retention. Two compactions at a time would silently duplicate rows, so a lock
        prevents that. Raises StorageError if another compaction is not done after `wait_seconds`, and for tables in an
        object store, where there is no such lock. Returns the table's files afterwards.
        """
        if is_object_store(self.uri):
            raise StorageError(
                value=f"Table '{table.name}' is in the object store '{self.uri}'",
                rule="nothing prevents two compactions at a time there, which would duplicate rows",
                remedy="compact it with your platform's own service",
            )
        if self._open(table) is None:
            return TableFiles()
        try:
            lock = FileLock(f"{self.location(table)}.compaction.lock", timeout=wait_seconds)
            with lock, file_system_errors(self.uri), self._damage_named(table):
                retry_commit(
                    lambda: self.ensure(table).optimize.compact(
                        partition_filters=None if batch is None else [(BATCH, "=", batch)],
                        target_size=COMPACTED_BYTES,
                        writer_properties=WriterProperties(max_row_group_size=ROWS_READ_TOGETHER),
                    )
                )
                if self.ensure(table).vacuum(dry_run=True):
                    retry_commit(lambda: self.ensure(table).vacuum(dry_run=False))
                self._record(table)
        except Timeout as error:
            raise StorageError(
                value=f"Table '{table.name}' is being compacted by another process",
                rule="two at a time would duplicate rows",
                remedy="try again when that one is done",
            ) from error
        return self.files(table)

    def compact_if_fragmented(self, table: Table, files: int, batch: str | None = None) -> bool:
        """Compact a local append-only table, or one batch in it, that has more than `files` files, unless another
        process is doing it.

        Returns whether this call compacted it.
        """
        if is_object_store(self.uri) or self.files(table, batch).count <= files:
            return False
        try:
            self.compact(table, wait_seconds=0, batch=batch)
        except StorageError:  # another process is compacting it, which this one need not wait for
            return False
        return True

    def _record(self, table: Table) -> None:
        """Record the table's present version, so that a later loss of it is noticed."""
        if not is_object_store(self.uri):
            record_commit(self.location(table), self.version(table))

    def _append(self, delta: DeltaTable, rows: pl.DataFrame) -> None:
        cleanup = PostCommitHookProperties(cleanup_expired_logs=delta.version() % COMMITS_BETWEEN_CLEANUPS == 0)
        write_deltalake(delta, rows.to_arrow(), mode="append", post_commithook_properties=cleanup)

    def _merge(self, table: Table, rows: pl.DataFrame, batch: str | Sequence[str] | None) -> Changes:
        """One attempt: compare with a snapshot and commit, which fails if a batch has changed since that snapshot."""
        delta = self.ensure(table)
        old = self._scan(delta, table, {} if batch is None else only_batches(batch), [*table.key, ROW_HASH])
        changes = compare(old, rows, table.key)
        batches = [batch] if isinstance(batch, str) else batch
        if changes.total and batches and old.is_empty():
            write_first(delta, rows, batches)
        elif changes.total:
            merge_differences(delta, table, differences(old, rows, table.key), batches)
        return changes
