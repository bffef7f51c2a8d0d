"""A table's declared columns as the Arrow types that Delta takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.storage.table import Table

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_schema(table: Table) -> pa.Schema:
    """The schema of `table`: every column is nullable, and none has a large type, which Delta does not support."""
    import pyarrow as pa

    schema = pl.DataFrame(schema=table.schema).to_arrow().schema
    return pa.schema([pa.field(f.name, _plain(f.type), nullable=True) for f in schema])


def _plain(dtype: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
        return pa.string()
    if pa.types.is_large_list(dtype):
        return pa.list_(_plain(dtype.value_type))
    return dtype
