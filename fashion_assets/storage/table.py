"""A table as data: its name, key, columns and partitions.

Each slice declares its tables in its own `tables.py`. A table that an asset writes knows that asset, so that nothing
else maps assets to tables. Reading and writing belong to `store.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import ModuleType

import polars as pl

BATCH = "batch"
ROW_HASH = "row_hash"
KEY_NUMBER = "key_number"
UTC_TIME = pl.Datetime("us", "UTC")


class Origin(StrEnum):
    """Where a table's rows come from, which decides what happens when some are lost.

    Rows that are `derived` are computed again by the next run, which cannot differ from the lost ones. What is `cached`
    is computed again when it is next needed. What people, models and events have `recorded` in an append-only table,
    and what is `kept` up to date from run to run, exists nowhere else: it is never dropped without a word.
    """

    DERIVED = "derived"
    CACHED = "cached"
    RECORDED = "recorded"
    KEPT = "kept"

    @property
    def is_irreplaceable(self) -> bool:
        return self in (Origin.RECORDED, Origin.KEPT)


@dataclass(frozen=True)
class Column:
    """A column; `allowed` lists the only values it may hold (shown in the UI). `is_hashed` is false for values that may
    differ between two runs over the same input (timestamps, float noise), so that they never count as a change.

    A null in a column that was `added_later` hashes as if the column did not exist, so that rows from before it are
    unchanged.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str = ""
    allowed: Sequence[str] = ()
    is_hashed: bool = True
    added_later: bool = False


@dataclass(frozen=True)
class Table:
    """A Delta table. `key` identifies a row; `partition_by` names the partition columns, usually the batch.

    `looked_up_by` is the column of hex hashes by which few of very many rows of an append-only table are looked up.
    Its first digits are stored as numbers too, which takes a third of the time to read and compare. `clustered_by` is
    the order of a batch's rows in their file, which puts similar rows next to each other.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition_by: tuple[str, ...] = (BATCH,)
    looked_up_by: str | None = None
    clustered_by: tuple[str, ...] = ()
    origin: Origin = field(default=Origin.RECORDED, kw_only=True)

    @cached_property
    def schema(self) -> pl.Schema:
        declared = {column.name: column.dtype for column in self.columns}
        extra = {name: pl.String for name in self.partition_by if name not in declared}
        number = {KEY_NUMBER: pl.Int64} if self.looked_up_by else {}
        return pl.Schema({**declared, **extra, ROW_HASH: pl.String, **number})

    @cached_property
    def row_schema(self) -> pl.Schema:
        """The schema without hash and key number: what is passed to writes and returned by reads."""
        return pl.Schema({name: dtype for name, dtype in self.schema.items() if name not in (ROW_HASH, KEY_NUMBER)})

    @cached_property
    def hashed_columns(self) -> list[str]:
        return [column.name for column in self.columns if column.is_hashed and not column.added_later]

    @cached_property
    def later_columns(self) -> list[str]:
        """The hashed columns that were added later."""
        return [column.name for column in self.columns if column.is_hashed and column.added_later]


@dataclass(frozen=True)
class AssetTable(Table):
    """The table that one asset writes; `asset` is its name in Dagster. Tables that no asset writes (journal, verdicts,
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
    origin: Origin = Origin.DERIVED,
) -> AssetTable:
    """The table that `asset` writes; it has the asset's name unless `name` is given."""
    named, columns = name or asset, tuple(columns)
    return AssetTable(named, key, columns, partition_by, clustered_by=clustered_by, asset=asset, origin=origin)


def asset_tables(*modules: ModuleType) -> dict[str, AssetTable]:
    """The tables of assets that these modules declare, by asset."""
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, AssetTable)]
    return {table.asset: table for table in declared}
