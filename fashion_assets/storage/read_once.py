"""A store that reads small tables once, for what looks every batch up in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Table


class ReadOnce(TableStore):
    """Another store's tables; one that is asked for a batch is read whole, and asked for the next one not again.

    For verdicts, figures and the like, of a few rows a batch: looked up one by one, each costs a look into the log,
    which grows with the batches. What is written meanwhile is not seen.
    """

    def __init__(self, store: TableStore):
        super().__init__(store.uri, store.storage_options)
        self._by_batch: dict[str, dict[tuple[str], pl.DataFrame]] = {}

    def read(
        self,
        table: Table,
        batch: str | Sequence[str] | None = None,
        columns: list[str] | None = None,
        partition: Mapping[str, str] | None = None,
        among: Mapping[str, Collection[Any]] | None = None,
        between: Mapping[str, tuple[datetime, datetime]] | None = None,
    ) -> pl.DataFrame:
        if not isinstance(batch, str) or among or between:
            return super().read(table, batch, columns, partition, among, between)
        if table.name not in self._by_batch:
            self._by_batch[table.name] = super().read(table).partition_by(BATCH, as_dict=True)
        found = self._by_batch[table.name].get((batch,))
        rows = pl.DataFrame(schema=table.row_schema) if found is None else found
        return rows.select(columns) if columns else rows
