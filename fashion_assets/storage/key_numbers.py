"""Looking up rows of an append-only table by the first digits of a hash, as numbers: see `Table.looked_up_by`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.storage.table import KEY_NUMBER, Table

if TYPE_CHECKING:
    from deltalake import DeltaTable

_DIGITS = 15
"""Hexadecimal digits that fit into a signed 64-bit integer."""


def with_key_number(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """`rows` with their key numbers, null where the key is not a hash; unchanged if the table has no key numbers."""
    if table.looked_up_by is None:
        return rows
    return rows.with_columns(_number(pl.col(table.looked_up_by)).alias(KEY_NUMBER))


def may_have_key(delta: DeltaTable, table: Table, keys: Collection[str]) -> pl.Expr:
    """True for all rows with one of `keys`, and for very few others, which must be filtered out after reading.

    As long as the table has rows without a number, from before numbers were written, the key itself is compared.
    """
    column = str(table.looked_up_by)
    numbers = pl.select(_number(pl.lit(pl.Series(list(keys), dtype=pl.String)))).to_series()
    if numbers.null_count() or _has_rows_without_number(delta):
        return pl.col(column).is_in(list(keys))
    return pl.col(KEY_NUMBER).is_in(numbers.to_list())


def _number(key: pl.Expr) -> pl.Expr:
    return key.str.head(_DIGITS).str.to_integer(base=16, dtype=pl.Int64, strict=False)


def _has_rows_without_number(delta: DeltaTable) -> bool:
    files = pl.DataFrame(delta.get_add_actions(flatten=True))
    name = f"null_count.{KEY_NUMBER}"
    return name not in files.columns or files.select((pl.col(name).fill_null(1) > 0).any()).item()
