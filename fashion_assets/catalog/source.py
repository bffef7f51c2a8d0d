"""A product table (CSV, Parquet or Delta) as rows of text in our column names; no row is validated or lost here.

Which rows are good is decided in `validation.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from fashion_assets.catalog.columns import ColumnMapping, looks_like_reference
from fashion_assets.catalog.csv_records import DELIMITERS, Record, csv_records, text_lines
from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.errors import SourceError

NAME = "product_display_name"
MISSING_NAME = ("", "NA")
MISSING_VALUE = ("", "na", "n/a", "null", "nan")
"""How sources write a missing value, in lower case. Not for names: a product may well be called Null."""

ROWS_IN_PART = 20_000
"""Enough to make the overhead of a part negligible, few enough to stay at about 50 MB."""

SCHEMA = pl.Schema({"line_number": pl.Int64, **dict.fromkeys((*SOURCE_COLUMN_NAMES, "raw_line", "problem"), pl.String)})


@dataclass(frozen=True)
class SourceRows:
    """Every data row of a source, or of a part of it, once and in order.

    `rows` has line_number (the CSV header is line 1; Parquet and Delta rows count from 1), our source columns as
    text, raw_line, and problem (null, or why the row could not be read). `recovered_names` counts the rows whose
    name had unquoted delimiters and was joined again.
    """

    rows: pl.DataFrame
    recovered_names: int = 0


def read_source(path: Path, mapping: ColumnMapping) -> SourceRows:
    """A whole source that fits into memory; raises SourceError as `source_parts` does."""
    parts = list(source_parts(path, mapping))
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *(part.rows for part in parts)])
    return SourceRows(rows, sum(part.recovered_names for part in parts))


def source_parts(path: Path, mapping: ColumnMapping) -> Iterator[SourceRows]:
    """A CSV or Parquet file or a Delta table's folder, about ROWS_IN_PART rows at a time, in order.

    Raises SourceError with the first part if it cannot be read at all.
    """
    if path.is_dir():
        yield from _from_frames(_delta_frames(path), path, mapping)
        return
    if not path.is_file():
        raise SourceError(
            value=f"The source '{path}' does not exist",
            rule="it must be a CSV or Parquet file or a Delta table",
            remedy="set FASHION_SOURCE to one",
        )
    try:
        with path.open("rb") as content:
            start = content.read(4)
            is_empty = not any(line.strip() for line in chain([start], content))
    except OSError as error:
        raise SourceError(
            value=f"The source '{path}' cannot be read ({error.strerror})",
            rule="an ingest reads all of it",
            remedy="check its permissions",
        ) from error
    if is_empty:
        raise SourceError(
            value=f"The source '{path}' is empty",
            rule="it needs a header line and products",
            remedy="export it again",
        )
    if path.suffix.lower() == ".parquet" or start == b"PAR1":
        yield from _from_frames(_parquet_frames(path), path, mapping)
    else:
        yield from _from_csv(path, mapping)


def _from_csv(path: Path, mapping: ColumnMapping) -> Iterator[SourceRows]:
    delimiter, header = _read_header(path, mapping)
    _check_columns(header, path, mapping)
    places = {ours: header.index(theirs) for ours, theirs in mapping.names.items() if theirs in header}
    is_name_last = places.get(NAME) == len(header) - 1
    with path.open("rb") as content:
        records = csv_records(text_lines(content), delimiter, width=len(header), key_at=places["product_id"])
        next(records)  # the header
        while part := list(islice(records, ROWS_IN_PART)):
            yield _from_records(part, places, len(header), delimiter if is_name_last else None)


def _from_records(records: list[Record], places: dict[str, int], width: int, name_delimiter: str | None) -> SourceRows:
    recovered_names, fitted = 0, []
    for record in records:
        record, is_recovered = _fit(record, width, name_delimiter)
        fitted.append(record)
        recovered_names += is_recovered
    columns = {
        "line_number": [record.line_number for record in fitted],
        "raw_line": [record.raw for record in fitted],
        "problem": [record.problem for record in fitted],
    }
    for ours, place in places.items():
        columns[ours] = [record.fields[place] if record.fields else None for record in fitted]
    return SourceRows(_as_source_rows(pl.DataFrame(columns, schema_overrides=_present(columns))), recovered_names)


def _read_header(path: Path, mapping: ColumnMapping) -> tuple[str, list[str]]:
    """The delimiter that gives most of our columns (then: most columns) in the first line, and the column names."""
    candidates = []
    for delimiter in DELIMITERS:
        with path.open("rb") as content:
            first = next(csv_records(text_lines(content), delimiter), None)
        if first is None or first.problem:
            continue
        names = [field.strip() for field in first.fields]
        matches = len(set(mapping.names.values()) & set(names)) + looks_like_reference(names)
        candidates.append((matches, len(names), delimiter, names))
    if not candidates:
        raise SourceError(
            value=f"The first line of '{path}' is not a header in UTF-8 text",
            rule="columns are recognized by their names in it",
            remedy="save the source as CSV in UTF-8 with a header, or as Parquet",
        )
    _, _, delimiter, names = max(candidates, key=lambda candidate: candidate[:2])
    return delimiter, names


def _fit(record: Record, width: int, name_delimiter: str | None) -> tuple[Record, bool]:
    """The record with `width` fields or a problem, and whether a name was joined again.

    `name_delimiter` is given if the last column is the product name: surplus fields then belong to it.
    """
    fields = record.fields
    while len(fields) > width and not fields[-1].strip():  # spreadsheets pad lines with empty fields
        fields = fields[:-1]
    if record.problem or len(fields) == width:
        return record._replace(fields=fields), False
    if len(fields) > width and name_delimiter:
        return record._replace(fields=[*fields[: width - 1], name_delimiter.join(fields[width - 1 :])]), True
    problem = f"{len(fields)} fields where the header has {width}"
    if len(fields) > width:
        problem += ", and the last column is not the product name"
    return record._replace(fields=[], problem=problem), False


def _parquet_frames(path: Path) -> Iterator[pl.DataFrame]:
    try:
        scan = pl.scan_parquet(path)
        yield pl.DataFrame(schema=scan.collect_schema())
        yield from scan.collect_batches(chunk_size=ROWS_IN_PART, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(
            value=f"The source '{path}' is not a readable Parquet file ({error})",
            rule="an ingest reads all of it",
            remedy="export it again",
        ) from error


def _delta_frames(path: Path) -> Iterator[pl.DataFrame]:
    if not (path / "_delta_log").is_dir():
        raise SourceError(
            value=f"The source '{path}' is a folder without a Delta table",
            rule="it must be a CSV or Parquet file or a Delta table",
            remedy="set FASHION_SOURCE to one",
        )
    try:
        dataset = DeltaTable(str(path)).to_pyarrow_dataset()
        yield pl.DataFrame(dataset.schema.empty_table())
        for batch in dataset.to_batches(batch_size=ROWS_IN_PART, batch_readahead=2, fragment_readahead=1):
            yield pl.DataFrame(batch)
    except (DeltaError, pa.ArrowException, OSError) as error:
        raise SourceError(
            value=f"The Delta table '{path}' cannot be read ({error})",
            rule="an ingest reads all of it",
            remedy="restore or rewrite it",
        ) from error


def _from_frames(frames: Iterator[pl.DataFrame], path: Path, mapping: ColumnMapping) -> Iterator[SourceRows]:
    """The source's rows from its frames, the first of which has the columns but no row."""
    empty = next(frames)
    _check_columns(empty.columns, path, mapping)
    places = {ours: theirs for ours, theirs in mapping.names.items() if theirs in empty.columns}
    plain = [name for name, dtype in empty.schema.items() if _is_plain(dtype)]
    for theirs in places.values():
        if theirs not in plain:
            raise SourceError(
                value=f"The column '{theirs}' of '{path}' is of type {empty.schema[theirs]}",
                rule="a product's columns are texts and numbers",
                remedy="convert it, or map another column in FASHION_COLUMNS",
            )
    rows_before = 0
    for frame in frames:
        first = rows_before + 1
        rows = frame.select(
            pl.int_range(first, pl.len() + first, dtype=pl.Int64).alias("line_number"),
            pl.struct(plain).struct.json_encode().alias("raw_line"),
            *(pl.col(theirs).cast(pl.String).alias(ours) for ours, theirs in places.items()),
        )
        rows_before += len(rows)
        yield SourceRows(_as_source_rows(rows))


def _is_plain(dtype: pl.DataType) -> bool:
    return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object, pl.Duration)


def _check_columns(header: Sequence[str], path: Path, mapping: ColumnMapping) -> None:
    columns = f"its columns are {', '.join(header)}"
    remedy = (
        "set FASHION_PRESET=reference, as this looks like the reference catalog"
        if looks_like_reference(header) and mapping.names["product_id"] != "id"
        else "map its columns in FASHION_COLUMNS"
    )
    for ours in sorted(mapping.required):
        theirs = mapping.names[ours]
        if theirs not in header:
            raise SourceError(
                value=f"The source '{path}' has no column '{theirs}' for {ours}: {columns}",
                rule=f"{ours} is required",
                remedy=remedy,
            )
    present = [theirs for theirs in mapping.names.values() if theirs in header]
    if len(set(present)) == 1:
        raise SourceError(
            value=f"The source '{path}' has no product columns besides the id: {columns}",
            rule="a product needs more than an id",
            remedy=remedy,
        )
    for theirs in present:
        if list(header).count(theirs) > 1:
            raise SourceError(
                value=f"The source '{path}' has the column '{theirs}' more than once",
                rule="each column may occur once",
                remedy="rename or remove one",
            )


def _as_source_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with all columns of SCHEMA, values stripped, missing values as nulls."""
    complete = frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None, dtype)).alias(name) for name, dtype in SCHEMA.items()
    )
    stripped = complete.with_columns(pl.col(SOURCE_COLUMN_NAMES).str.strip_chars())
    name, values = pl.col(NAME), pl.col([name for name in SOURCE_COLUMN_NAMES if name != NAME])
    return stripped.with_columns(
        pl.when(~name.is_in(MISSING_NAME)).then(name),
        pl.when(~values.str.to_lowercase().is_in(MISSING_VALUE)).then(values),
    )


def _present(columns: dict) -> dict[str, pl.DataType]:
    return {name: SCHEMA[name] for name in columns}
