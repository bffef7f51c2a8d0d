"""Delta tables as inputs and outputs of assets: values are Polars frames, one partition is one batch.

An output is merged into its batch, with the changes as metadata; an input is the same batch of the upstream table.
"""

from collections.abc import Mapping
from functools import lru_cache

import polars as pl
from dagster import (
    AssetKey,
    ConfigurableResource,
    InputContext,
    IOManager,
    MetadataValue,
    OutputContext,
    TableColumn,
    TableColumnConstraints,
    TableSchema,
)
from pydantic import Field

from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.storage.store import Changes, TableStore
from fashion_assets.storage.table import BATCH, AssetTable, Table


class TablesResource(ConfigurableResource):
    """Where the Delta tables are."""

    uri: str = Field(description="Folder or object-store URI that holds one Delta table per asset.")

    def store(self) -> TableStore:
        return shared_store(self.uri)


@lru_cache(maxsize=4)
def shared_store(uri: str) -> TableStore:
    """The process's store of the tables at `uri`, which keeps their logs: a step would read those of ten anew."""
    return TableStore(uri)


class DeltaIOManager(IOManager):
    """Merges an asset's frame into a batch of its Delta table, and reads batches back; `tables` are by asset."""

    def __init__(self, uri: str, tables: Mapping[str, AssetTable]):
        self._store = shared_store(uri)
        self.tables = tables

    def handle_output(self, context: OutputContext, obj: pl.DataFrame) -> None:
        table = self._table(context.asset_key)
        changes = self._store.merge(table, obj, _batch_of(context, table))
        context.add_output_metadata({"dagster/row_count": len(obj), **write_metadata(self._store, table, changes)})

    def load_input(self, context: InputContext) -> pl.DataFrame:
        table = self._table(context.asset_key)
        return self._store.read(table, _batch_of(context, table))

    def _table(self, asset: AssetKey) -> AssetTable:
        return self.tables[asset.to_user_string()]


def _batch_of(context: InputContext | OutputContext, table: Table) -> str | None:
    """The batch of the step; None for the whole table, as in a run over all batches at once."""
    if BATCH not in table.schema or not context.has_partition_key:
        return None
    return context.partition_key


def write_metadata(store: TableStore, table: Table, changes: Changes) -> AssetMetadata:
    """The effect of a write, as metadata of a materialization."""
    return {
        "rows_added": changes.added,
        "rows_updated": changes.updated,
        "rows_removed": changes.removed,
        "rows_unchanged": changes.unchanged,
        "table": MetadataValue.path(store.location(table)),
        "table_version": store.version(table),
    }


def table_metadata(table: Table) -> AssetMetadata:
    """Asset metadata with the table's name and its columns with their descriptions."""
    columns = [
        TableColumn(
            column.name,
            type=str(column.dtype),
            description=column.description or None,
            constraints=TableColumnConstraints(other=[f"one of: {', '.join(column.allowed)}"])
            if column.allowed
            else TableColumnConstraints(),
        )
        for column in table.columns
    ]
    return {"dagster/column_schema": TableSchema(columns=columns), "dagster/table_name": table.name}
