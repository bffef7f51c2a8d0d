"""What a table is: its name, key, columns and provenance, declared as data.

Each slice declares its tables in its own `tables.py`. A table that an asset writes knows that asset, so that nothing
else maps assets to tables. Reading and writing belong to `store.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType

import polars as pl

BATCH = "batch"
ROW_HASH = "row_hash"
KEY_NUMBER = "key_number"
UTC_TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Column:
    """A column; `allowed` lists the only values it may hold (shown in the UI), `is_hashed` is false for what may
    differ between two runs over the same input (timestamps, float noise), so that it never counts as a change."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str = ""
    allowed: Sequence[str] = ()
    is_hashed: bool = True


@dataclass(frozen=True)
class Table:
    """A Delta table. `key` identifies a row; `partition_by` names the partition columns, most often the batch.

    `looked_up_by` is the column of hex hashes of an append-only table by which a few rows are sought among very many.
    Their first digits are kept as numbers too, which are read and compared in a third of the time. `clustered_by` is
    the order in which a batch's rows lie in their file, so that those alike lie together.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition_by: tuple[str, ...] = (BATCH,)
    looked_up_by: str | None = None
    clustered_by: tuple[str, ...] = ()

    @cached_property
    def schema(self) -> pl.Schema:
        own = {column.name: column.dtype for column in self.columns}
        extra = {name: pl.String for name in self.partition_by if name not in own}
        number = {KEY_NUMBER: pl.Int64} if self.looked_up_by else {}
        return pl.Schema({**own, **extra, ROW_HASH: pl.String, **number})

    @cached_property
    def row_schema(self) -> pl.Schema:
        """The schema without hash and number: what readers get and writers give."""
        return pl.Schema({name: dtype for name, dtype in self.schema.items() if name not in (ROW_HASH, KEY_NUMBER)})

    @cached_property
    def hashed_columns(self) -> list[str]:
        return [column.name for column in self.columns if column.is_hashed]


@dataclass(frozen=True)
class AssetTable(Table):
    """The table that one asset writes; `asset` is its name in Dagster. Tables that no asset owns (journal, verdicts,
    promotions) are a plain Table."""

    asset: str = field(kw_only=True)


def table_of_asset(
    asset: str,
    *,
    columns: Sequence[Column],
    name: str | None = None,
    key: tuple[str, ...] = ("product_id",),
    partition_by: tuple[str, ...] = (BATCH,),
    clustered_by: tuple[str, ...] = (),
) -> AssetTable:
    """The table that `asset` writes; it is called as the asset is, unless it has a `name` of its own."""
    return AssetTable(name or asset, key, tuple(columns), partition_by, clustered_by=clustered_by, asset=asset)


def asset_tables(*modules: ModuleType) -> dict[str, AssetTable]:
    """The tables of assets that these modules declare, by asset."""
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, AssetTable)]
    return {table.asset: table for table in declared}
