"""What a table's change feed tells after a version: who reads it learns of nothing but what differs."""

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Table


def changes_since(store: TableStore, table: Table, version: int) -> pl.DataFrame:
    """The rows of the change feed after `version`, with `_change_type` and `_commit_version`; needs a table."""
    if store.version(table) <= version:
        return pl.DataFrame(schema={**table.schema, "_change_type": pl.String, "_commit_version": pl.Int64})
    delta = DeltaTable(store.location(table), storage_options=store.storage_options)
    return pl.DataFrame(pa.table(delta.load_cdf(starting_version=version + 1, ending_version=delta.version())))
