"""Reading selected rows of a Delta table: files are selected in its log, rows while files are read."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import polars as pl

from fashion_assets.storage.conforming import conform
from fashion_assets.storage.key_numbers import may_have_key
from fashion_assets.storage.schema_changes import partition_columns
from fashion_assets.storage.table import Table

if TYPE_CHECKING:
    from deltalake import DeltaTable

_MADE_FOR_POLARS = re.compile(r"[\w/.:@~+,-]+", re.ASCII)
"""The addresses of tables that Polars 2.1 can scan: it does not find files below a folder with a space or an accent in
its name, and takes `a=b` in a path for a column."""


def scan(
    delta: DeltaTable,
    table: Table,
    columns: Sequence[str],
    partition: Mapping[str, str | list[str]],
    among: Mapping[str, Collection[Any]],
    between: Mapping[str, tuple[datetime, datetime]],
    storage_options: Mapping[str, str],
) -> pl.DataFrame:
    """The rows of `partition` that `among` and `between` select, in no particular order; see `TableReader.read`.

    They have those of `columns` that the table has, and the columns that rows were selected by.
    """
    present = {field.name for field in delta.schema().fields}
    is_in_partition = {
        name: pl.col(name).is_in(value) if isinstance(value, list) else pl.col(name) == value
        for name, value in partition.items()
    }
    in_rows = partition.keys() - partition_columns(delta)  # where the table is not yet partitioned as declared
    chosen_by = {name: pl.col(name).is_in(list(values)) for name, values in among.items()}
    chosen_by |= {name: pl.col(name).is_between(*times) for name, times in between.items()}
    is_wanted = [*chosen_by.values(), *(is_in_partition[name] for name in in_rows)]
    read = list(dict.fromkeys([*(name for name in columns if name in present), *chosen_by, *in_rows]))
    # PyArrow fails to compare texts with the smallest and largest value that Delta records for each file.
    if chosen_by and _MADE_FOR_POLARS.fullmatch(delta.table_uri):
        may_be_wanted = [
            may_have_key(delta, table, among[name]) if name == table.looked_up_by else wanted
            for name, wanted in chosen_by.items()
        ]
        chosen = pl.scan_delta(delta, storage_options=dict(storage_options)).filter(
            [*may_be_wanted, *is_in_partition.values()]
        )
        rows = chosen.select(read).collect()
    elif not chosen_by and not in_rows and _is_plain_folder(delta) and _is_one(partition):
        rows = _read_partition(delta, table, partition, read)
    else:
        # Files are pruned in the log: `filters` would first set up every file, 0.4 s for 1,000 batches.
        files = delta.to_pyarrow_dataset(
            file_pruning_predicate=[
                (name, "in" if isinstance(value, list) else "=", value)
                for name, value in partition.items()
                if name not in in_rows
            ]
            or None
        )
        rows = pl.DataFrame(files.to_table(columns=read))
    return rows.filter(is_wanted) if is_wanted else rows


def _is_plain_folder(delta: DeltaTable) -> bool:
    """Whether the files can be read directly: no object store, no deletion vectors."""
    return delta.table_uri.startswith("file://") and delta.protocol().min_reader_version == 1


def _is_one(partition: Mapping[str, str | list[str]]) -> bool:
    return bool(partition) and all(isinstance(value, str) for value in partition.values())


def _read_partition(
    delta: DeltaTable, table: Table, partition: Mapping[str, str | list[str]], columns: Sequence[str]
) -> pl.DataFrame:
    """The columns of one partition, read from its files: a dataset takes twice as long, and longer with each batch."""
    import pyarrow.parquet as pq

    files = pl.DataFrame(delta.get_add_actions(flatten=True))
    selected = files.filter(pl.col(f"partition.{name}") == value for name, value in partition.items())
    root = Path(unquote(urlsplit(delta.table_uri).path))
    frames = [pl.DataFrame(schema={name: table.schema[name] for name in columns})]
    for path in selected["path"]:
        with pq.ParquetFile(root / unquote(path)) as file:
            rows = pl.DataFrame(file.read([name for name in columns if name in file.schema_arrow.names]))
        frames.append(conform(rows.with_columns(pl.lit(v).alias(n) for n, v in partition.items()), table, columns))
    return pl.concat(frames)
