"""Parquet files, folders of them, and Delta tables: typed columns as text."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from fashion_assets.catalog.reading.archives import TABLE_SUFFIXES
from fashion_assets.catalog.reading.bounds import (
    MOST_GROUP_BYTES,
    ROWS_IN_PART,
    bounded_parts,
    bytes_of_rows,
    require_bounded_parquet,
    too_much,
)
from fashion_assets.catalog.reading.kinds import no_table
from fashion_assets.catalog.reading.table import LIST_SEPARATOR, LIST_SEPARATOR_2, RawPart, SourceTable
from fashion_assets.errors import SourceError

WHOLE_FLOATS_BELOW = 2.0**53
"""Up to here a float holds every integer exactly."""

_ERRORS: tuple[type[BaseException], ...] = (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException)
_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_MISREAD_IN_PATHS = re.compile(r"%[0-9A-Fa-f]{2}|\\")
_OTHER_TABLES = (("metadata/*.metadata.json", "an Iceberg table"), (".hoodie", "a Hudi table"))


def open_parquet(content: Path, path: Path) -> SourceTable:
    """A Parquet file, called `path` in messages; raises SourceError if it cannot be read."""
    return _open_parts([content], content.parent, path)


def open_folder(path: Path) -> SourceTable:
    """A Delta table, or a folder of Parquet files, whose subfolders `name=value` are columns.

    Raises SourceError if it is neither, or cannot be read.
    """
    if (path / "_delta_log").is_dir():
        return _open_delta(path)
    for pattern, what in _OTHER_TABLES:
        if next(path.glob(pattern), None):
            raise no_table(path, f"is {what}", "export it as Parquet")
    if delta := next(path.rglob("_delta_log"), None):
        raise no_table(path, f"is a folder above the Delta table '{delta.parent.name}'", "name the table's own folder")
    files = [file for file in sorted(path.rglob("*.parquet")) if not _is_hidden(file.relative_to(path))]
    if not files:
        tables = sorted(file.name for file in path.iterdir() if file.name.lower().endswith(TABLE_SUFFIXES))
        remedy = f"name a file in it, as {', '.join(tables[:5])}" if tables else "name the table's file"
        raise no_table(path, "is a folder without a Delta table or a Parquet file", remedy)
    return _open_parts(files, path, path)


def _is_hidden(file: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in file.parts)


def _open_parts(files: list[Path], root: Path, path: Path) -> SourceTable:
    for file in files:
        _require_bounded(file, file.stat().st_size, path)

    def frames(rows: int) -> Iterator[pl.DataFrame]:
        for file in files:
            added = [pl.lit(value, pl.String).alias(name) for name, value in _partition(file.relative_to(root))]
            for frame in _batches(_without_binary(_scan(file)), rows):
                yield frame.with_columns(added)

    def schema() -> pl.Schema:
        merged: dict[str, pl.DataType] = {}
        for file in files:
            partition = {name: pl.String() for name, _ in _partition(file.relative_to(root))}
            merged |= {
                name: dtype
                for name, dtype in {**_scan(file).collect_schema(), **partition}.items()
                if name not in merged
            }
        return pl.Schema(merged)

    refusal = no_table(path, "is not a readable Parquet file", "export it again")
    return _Frames(path, frames, schema, refusal, _size(files)).table()


def _require_bounded(file: Any, packed_bytes: int, path: Path) -> None:
    """Raise SourceError for a Parquet file that would not fit into memory; what is no such file is refused later."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as opened:
            require_bounded_parquet(opened, packed_bytes, path)
    except (pa.ArrowException, OSError):  # polars says what is wrong with it
        return


def _require_bounded_batches(file: Any, path: Path) -> None:
    """Raise SourceError for texts, shared by many cells, that pyarrow would make anew for each."""
    for frame in _batches(_without_binary(pl.scan_parquet(file)), ROWS_IN_PART):
        if (size := int(bytes_of_rows(frame).sum())) > MOST_GROUP_BYTES:
            raise too_much(path, f"has {len(frame):,} rows of {size:,} bytes, over the {MOST_GROUP_BYTES:,} allowed")


def _size(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def _scan(file: Path) -> pl.LazyFrame:
    return pl.scan_parquet(file, glob=False, hive_partitioning=False)


def _without_binary(scan: pl.LazyFrame) -> pl.LazyFrame:
    """Photos in a table, for one, are left out, so that they need not be read."""
    schema = scan.collect_schema()
    read = [name for name, dtype in schema.items() if not _is_binary(dtype)]
    return scan.select(read) if read else scan


def _partition(file: Path) -> Iterator[tuple[str, str | None]]:
    for folder in file.parts[:-1]:
        name, is_partition, value = folder.partition("=")
        if is_partition:
            yield name, None if value == _NO_PARTITION else unquote(value)


def _open_delta(path: Path) -> SourceTable:
    import pyarrow as pa
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, DeltaProtocolError

    if misread := _MISREAD_IN_PATHS.search(str(path.absolute())):
        raise SourceError(
            value=f"The Delta table '{path}' lies at a path with '{misread[0]}'",
            rule="deltalake takes that for another character, and would look elsewhere",
            remedy="rename the folder, or export the table as Parquet",
        )
    errors = (*_ERRORS, DeltaError, pa.ArrowException)
    size = _size(path.rglob("*.parquet"))
    refusal = SourceError(
        value=f"The Delta table '{path}' cannot be read",
        rule="an ingest reads all of it",
        remedy=f"restore it, run `REORG TABLE delta.`{path}` APPLY (PURGE)` on it in Spark, or export it as Parquet",
    )
    try:
        dataset = DeltaTable(str(path)).to_pyarrow_dataset()
    except DeltaProtocolError as error:  # deletion vectors and other features, which polars knows
        if path.absolute().as_uri() != f"file://{path.absolute()}":  # it then looks for files called as in the address
            reason = f"{str(error).rstrip('.')}, and polars reads them at paths of plain letters only"
            raise _refused(refusal, reason) from error
        scan = pl.scan_delta(str(path))
        return _Frames(path, partial(_batches, scan), scan.collect_schema, refusal, size, errors).table()
    except errors as error:
        raise _refused(refusal, error) from error
    try:
        for fragment in dataset.get_fragments():
            with dataset.filesystem.open_input_file(fragment.path) as file:
                _require_bounded(file, file.size(), path)
            with dataset.filesystem.open_input_file(fragment.path) as file:
                _require_bounded_batches(file, path)
    except errors as error:
        raise _refused(refusal, error) from error

    def schema() -> pl.Schema:
        return pl.DataFrame(dataset.schema.empty_table()).schema

    def frames(rows: int) -> Iterator[pl.DataFrame]:
        columns = [name for name, dtype in schema().items() if not _is_binary(dtype)]
        for batch in dataset.to_batches(columns=columns, batch_size=rows, batch_readahead=2, fragment_readahead=1):
            yield pl.DataFrame(batch)

    return _Frames(path, frames, schema, refusal, size, errors).table()


def _batches(scan: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    yield from scan.collect_batches(chunk_size=rows, maintain_order=True)


def _refused(refusal: SourceError, reason: BaseException | str) -> SourceError:
    first_line = str(reason).strip().partition("\n")[0].rstrip(".")
    return SourceError(value=f"{refusal.value} ({first_line})", rule=refusal.rule, remedy=refusal.remedy)


@dataclass(frozen=True)
class _Frames:
    path: Path
    frames: Callable[[int], Iterable[pl.DataFrame]]
    schema: Callable[[], pl.Schema]
    refusal: SourceError
    packed_bytes: int
    errors: tuple[type[BaseException], ...] = _ERRORS

    def table(self) -> SourceTable:
        try:
            schema = self.schema()
        except self.errors as error:
            raise _refused(self.refusal, error) from error
        columns = {name: dtype for name, dtype in schema.items() if not _is_binary(dtype)}
        left_out = [f"'{name}'" for name in schema if name not in columns]
        if not columns:
            raise no_table(self.path, "has no column of text or numbers")
        notes = (f"Left out, as binary: {', '.join(left_out)}.",) if left_out else ()
        nested = {name: str(dtype) for name, dtype in columns.items() if dtype.is_nested() and not _is_texts(dtype)}
        return SourceTable(self.path, tuple(columns), lambda rows: self._parts(tuple(columns), rows), notes, (), nested)

    def _parts(self, columns: tuple[str, ...], rows: int) -> Iterator[RawPart]:
        number = 1
        try:
            for frame in bounded_parts(self.frames(rows), self.packed_bytes, self.path):
                if len(frame):
                    yield _part(frame, columns, number)
                    number += len(frame)
        except self.errors as error:
            raise _refused(self.refusal, error) from error


def _part(frame: pl.DataFrame, columns: tuple[str, ...], number: int) -> RawPart:
    present = [name for name in columns if name in frame.columns and not _is_binary(frame.schema[name])]
    return RawPart(
        line_numbers=pl.int_range(number, number + len(frame), dtype=pl.Int64, eager=True).alias(""),
        raw_lines=frame.select(pl.struct(present).struct.json_encode().alias("")).to_series(),
        problems=pl.repeat(None, len(frame), dtype=pl.String, eager=True).alias(""),
        fields=frame.select(
            _as_text(name, frame.schema[name]).alias(name) if name in present else pl.lit(None, pl.String).alias(name)
            for name in columns
        ),
    )


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype.is_float():
        is_whole = (column == column.round()) & (column.abs() < WHOLE_FLOATS_BELOW)
        whole = pl.when(is_whole).then(column).cast(pl.Int64).cast(pl.String)
        return pl.when(column.is_nan()).then(None).when(is_whole).then(whole).otherwise(column.cast(pl.String))
    if dtype == pl.Duration:
        return column.dt.to_string("iso")
    if dtype == pl.Datetime:
        return _moment(column.cast(pl.String))
    if _is_texts(dtype):
        return _joined(column)
    if dtype.is_nested():
        return _as_json(column)
    return column.cast(pl.String)


def _moment(text: pl.Expr) -> pl.Expr:
    """ISO 8601 without a fraction that is zero; a day alone if the time is midnight and has no zone."""
    short = text.str.replace(r"\.0+([+-]|$)", "$1")
    return short.str.replace(r" 00:00:00$", "").str.replace(" ", "T")


def _joined(column: pl.Expr) -> pl.Expr:
    texts = column.list.drop_nulls()
    has_separator = texts.list.eval(pl.element().str.contains(LIST_SEPARATOR, literal=True)).list.any()
    text = pl.when(has_separator).then(texts.list.join(LIST_SEPARATOR_2)).otherwise(texts.list.join(LIST_SEPARATOR))
    return pl.when(texts.list.len() > 0).then(text)


def _as_json(column: pl.Expr) -> pl.Expr:
    """The cell alone as JSON; polars encodes structs only, so it is taken out of one."""
    encoded = pl.struct(column.alias("v")).struct.json_encode()
    inside = encoded.str.slice(len('{"v":'), encoded.str.len_chars() - len('{"v":}'))
    return pl.when(column.is_not_null()).then(inside)


def _is_texts(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and dtype.inner == pl.String


def _is_binary(dtype: Any) -> bool:
    """Whether a type is of bytes, or has such a type in it."""
    if isinstance(dtype, pl.Struct):
        return any(_is_binary(field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.List | pl.Array):
        return _is_binary(dtype.inner)
    return dtype in (pl.Binary, pl.Object)
