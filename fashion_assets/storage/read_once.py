"""Reading small tables once, for callers that look up every batch in them."""

from collections.abc import Sequence

import polars as pl

from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.table import BATCH, Table


class ReadOnce:
    """A cache in front of another reader: the first read of a batch loads the whole table, later ones use the cache.

    For verdicts, figures and the like, with a few rows per batch: each single read would have to read the table's log,
    which grows with the number of batches. Later writes are not seen.
    """

    def __init__(self, reader: RowReader):
        self._reader = reader
        self._by_batch: dict[str, dict[tuple[object, ...], pl.DataFrame]] = {}

    def read(
        self, table: Table, batch: str | Sequence[str] | None = None, columns: list[str] | None = None
    ) -> pl.DataFrame:
        """As `RowReader.read`; only reads of one batch are cached."""
        if not isinstance(batch, str):
            return self._reader.read(table, batch, columns)
        if table.name not in self._by_batch:
            self._by_batch[table.name] = self._reader.read(table).partition_by(BATCH, as_dict=True)
        rows = self._by_batch[table.name].get((batch,))
        rows = pl.DataFrame(schema=table.row_schema) if rows is None else rows
        return rows.select(columns) if columns else rows
