"""Reading small tables once, for what looks every batch up in them."""

from collections.abc import Sequence

import polars as pl

from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.table import BATCH, Table


class ReadOnce:
    """Another reader's rows; a table that is asked for a batch is read whole, and asked for the next one not again.

    For verdicts, figures and the like, of a few rows a batch: looked up one by one, each costs a look into the log,
    which grows with the batches. What is written meanwhile is not seen.
    """

    def __init__(self, reader: RowReader):
        self._reader = reader
        self._by_batch: dict[str, dict[tuple[object, ...], pl.DataFrame]] = {}

    def read(
        self, table: Table, batch: str | Sequence[str] | None = None, columns: list[str] | None = None
    ) -> pl.DataFrame:
        """As `RowReader.read`; only a read of one batch is remembered."""
        if not isinstance(batch, str):
            return self._reader.read(table, batch, columns)
        if table.name not in self._by_batch:
            self._by_batch[table.name] = self._reader.read(table).partition_by(BATCH, as_dict=True)
        rows = self._by_batch[table.name].get((batch,))
        rows = pl.DataFrame(schema=table.row_schema) if rows is None else rows
        return rows.select(columns) if columns else rows
