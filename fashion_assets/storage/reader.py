"""Reading Delta tables: rows by batch, partition or value, and the facts that a table's log holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import polars as pl
from deltalake import DeltaTable

from fashion_assets.errors import FashionError
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.damage import examine
from fashion_assets.storage.object_store import require_reachable
from fashion_assets.storage.open_tables import OpenTables, PinnedTables
from fashion_assets.storage.places import file_system_errors
from fashion_assets.storage.scanning import scan
from fashion_assets.storage.schema_changes import partition_columns
from fashion_assets.storage.table import BATCH, Table

BATCHES_AT_ONCE = 20
"""Enough to make the set-up of a read negligible, few enough to stay at about 100 MB."""


class RowReader(Protocol):
    """What a look-up of rows needs of a store, so that a caching reader can take its place."""

    def read(
        self, table: Table, batch: str | Sequence[str] | None = None, columns: list[str] | None = None
    ) -> pl.DataFrame:
        """The rows of one batch, of several, or of all, sorted by key, without the hash."""
        ...


@dataclass(frozen=True)
class TableFiles:
    """The data files of a table's current version."""

    count: int = 0
    bytes: int = 0


class TableReader:
    """All Delta tables below one URI: a folder, or an object store such as `s3://bucket/tables`.

    Reading an object store that cannot be used raises StorageError, within seconds; reading a table some files of which
    are missing or damaged raises StorageDamaged.
    """

    def __init__(
        self,
        uri: str,
        storage_options: Mapping[str, str] | None = None,
        tables: OpenTables | PinnedTables | None = None,
    ):
        self.uri = uri.rstrip("/")
        self.storage_options = dict(storage_options or {})
        self._tables = tables or OpenTables()

    def location(self, table: Table) -> str:
        return f"{self.uri}/{table.name}"

    def version(self, table: Table) -> int:
        """The table's Delta version; -1 if it does not exist."""
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

        `among` gives the values to keep by column, and `between` the first and the last time to keep by column of
        times; other rows are skipped while reading. A table that was never written has no rows.
        """
        names = columns or list(table.row_schema)
        delta = self._open(table)
        among = among or {}
        if delta is None or not all(among.values()):
            return pl.DataFrame(schema={name: table.schema[name] for name in names})
        parts = only_batches(batch) if batch is not None else dict(partition or {})
        frame = self._scan(delta, table, parts, list(dict.fromkeys([*table.key, *names])), among, between)
        return frame.sort(table.key).select(names)

    def batches(self, table: Table) -> list[str]:
        """The batches that a partitioned table has files for, in order; reads no data file."""
        delta = self._open(table)
        if delta is None:
            return []
        if BATCH not in partition_columns(delta):  # written before it was partitioned, and not since
            return self._scan(delta, table, {}, [BATCH])[BATCH].unique().sort().to_list()
        return sorted({partition[BATCH] for partition in delta.partitions()})

    def count(self, table: Table) -> int:
        """The number of rows, from the counts in the log; reads no data file."""
        delta = self._open(table)
        return 0 if delta is None else int(pl.DataFrame(delta.get_add_actions(flatten=True))["num_records"].sum())

    def read_in_parts(self, table: Table, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """A whole partitioned table, BATCHES_AT_ONCE batches at a time, to bound the memory that it takes."""
        for batches in in_groups(self.batches(table)):
            yield self.read(table, batches, columns)

    def files(self, table: Table, batch: str | None = None) -> TableFiles:
        """The number and size of the files of the table, or of one batch in it; zero if it was never written."""
        delta = self._open(table)
        if delta is None:
            return TableFiles()
        files = pl.DataFrame(delta.get_add_actions(flatten=True))
        if batch is not None:
            files = files.filter(pl.col(f"partition.{BATCH}") == batch)
        return TableFiles(len(files), int(files["size_bytes"].sum()))

    def _open(self, table: Table) -> DeltaTable | None:
        require_reachable(self.uri)
        with self._damage_named(table), file_system_errors(self.location(table)):
            return self._tables.open(self.location(table), self.storage_options)

    @contextmanager
    def _damage_named(self, table: Table) -> Iterator[None]:
        """Raises StorageDamaged for an error in the block if the table's files are damaged, whatever met it."""
        try:
            yield
        except FashionError:
            raise
        except Exception as error:
            damages = examine(self.location(table), table)
            if not damages:
                raise
            raise damages[0].as_error() from error

    def _scan(
        self,
        delta: DeltaTable,
        table: Table,
        partition: Mapping[str, str | list[str]],
        columns: list[str],
        among: Mapping[str, Collection[Any]] | None = None,
        between: Mapping[str, tuple[datetime, datetime]] | None = None,
    ) -> pl.DataFrame:
        with self._damage_named(table):
            rows = scan(delta, table, columns, partition, among or {}, between or {}, self.storage_options)
        return conform(rows, table, columns)


def snapshot(reader: TableReader) -> TableReader:
    """The same tables, each fixed at its version when first read: later writes are not seen.

    Use it for hours at most: replaced files are deleted after a week at the earliest.
    """
    return TableReader(reader.uri, reader.storage_options, PinnedTables())


def in_groups(batches: Sequence[str]) -> Iterator[Sequence[str]]:
    """`batches` in groups of BATCHES_AT_ONCE."""
    return (batches[start : start + BATCHES_AT_ONCE] for start in range(0, len(batches), BATCHES_AT_ONCE))


def only_batches(batch: str | Sequence[str]) -> Mapping[str, str | list[str]]:
    """The partition filter for one batch or several."""
    return {BATCH: batch if isinstance(batch, str) else list(batch)}
