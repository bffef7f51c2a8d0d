"""The rows of a table that are looked at to tell what its columns mean."""

from itertools import islice

import polars as pl

from fashion_assets.catalog.reading.members import member_names, with_members
from fashion_assets.catalog.reading.table import SourceTable
from fashion_assets.catalog.shapes.records import Repairs, records

PARTS = 2
"""Some 40,000 rows."""


def first_rows(table: SourceTable) -> pl.DataFrame:
    """The first rows as String columns, with the members of nested columns in place of these.

    Raises SourceError if the table cannot be read.
    """
    table = with_members(table, _members(table))
    parts = list(islice(records(table.parts(), Repairs()), PARTS))
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))
    return frame.select(name for name in table.columns if name not in table.nested)


def _members(table: SourceTable) -> tuple[str, ...]:
    first = next(table.parts(), None) if table.nested else None
    if first is None:
        return ()
    return tuple(name for column in table.nested for name in member_names(column, first.fields[column]))
