"""A product table (CSV, Parquet or Delta) as rows of text in our column names; no row is judged or lost here.

Which rows are good is decided in `validation.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from fashion_assets.catalog.columns import ColumnMapping, looks_like_reference
from fashion_assets.catalog.csv_records import DELIMITERS, Record, csv_records, split_lines
from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.errors import SourceError

NAME = "product_display_name"
MISSING_NAME = ("", "NA")
MISSING_VALUE = ("", "na", "n/a", "null", "nan")
"""How sources write that there is no value, in lower case. Not for names: a product may well be called Null."""

SCHEMA = pl.Schema({"line_number": pl.Int64, **dict.fromkeys((*SOURCE_COLUMN_NAMES, "raw_line", "problem"), pl.String)})


@dataclass(frozen=True)
class SourceRows:
    """Every data row of a source once, in its order.

    `rows` has line_number (the CSV header is line 1; Parquet and Delta rows count from 1), our source columns as
    text, raw_line, and problem (null, or why the row could not be read). `recovered_names` counts the rows whose
    name held unquoted delimiters and was put together again.
    """

    rows: pl.DataFrame
    recovered_names: int = 0


def read_source(path: Path, mapping: ColumnMapping) -> SourceRows:
    """Reads a CSV or Parquet file or a Delta table's folder; raises SourceError when it cannot be read at all."""
    if path.is_dir():
        return _from_frame(_read_delta(path), path, mapping)
    if not path.is_file():
        raise SourceError(
            f"The source '{path}' does not exist; set FASHION_SOURCE to a CSV or Parquet file or a Delta table."
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"The source '{path}' cannot be read ({error.strerror}); check its permissions.") from error
    if not data.strip():
        raise SourceError(f"The source '{path}' is empty; it needs a header line and products.")
    if path.suffix.lower() == ".parquet" or data.startswith(b"PAR1"):
        return _from_frame(_read_parquet(path), path, mapping)
    return _from_csv(data, path, mapping)


def _from_csv(data: bytes, path: Path, mapping: ColumnMapping) -> SourceRows:
    lines = split_lines(data)
    delimiter, header = _read_header(lines, path, mapping)
    _check_columns(header, path, mapping)
    places = {ours: header.index(theirs) for ours, theirs in mapping.names.items() if theirs in header}
    is_name_last = places.get(NAME) == len(header) - 1
    records = list(csv_records(lines, delimiter, width=len(header), key_at=places["product_id"]))[1:]
    recovered_names, fitted = 0, []
    for record in records:
        record, is_recovered = _fit(record, len(header), delimiter if is_name_last else None)
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


def _read_header(lines: list[str], path: Path, mapping: ColumnMapping) -> tuple[str, list[str]]:
    """The delimiter that finds most of our columns (then: most columns) in the first line, and the column names."""
    candidates = []
    for delimiter in DELIMITERS:
        first = next(csv_records(lines, delimiter), None)
        if first is None or first.problem:
            continue
        names = [field.strip() for field in first.fields]
        known = len(set(mapping.names.values()) & set(names)) + looks_like_reference(names)
        candidates.append((known, len(names), delimiter, names))
    if not candidates:
        raise SourceError(
            f"The first line of '{path}' is not a header in UTF-8 text; save the source as CSV or Parquet."
        )
    _, _, delimiter, names = max(candidates, key=lambda candidate: candidate[:2])
    return delimiter, names


def _fit(record: Record, width: int, name_delimiter: str | None) -> tuple[Record, bool]:
    """The record with `width` fields or a problem, and whether a name was put together again.

    `name_delimiter` is given when the last column is the product name: then surplus fields belong to it.
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


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"The source '{path}' is not a readable Parquet file ({error}); export it again.") from error


def _read_delta(path: Path) -> pl.DataFrame:
    if not (path / "_delta_log").is_dir():
        raise SourceError(
            f"The source '{path}' is a folder but no Delta table; set FASHION_SOURCE to a file or a Delta table."
        )
    try:
        return pl.DataFrame(DeltaTable(str(path)).to_pyarrow_table())
    except (DeltaError, pa.ArrowException, OSError) as error:
        raise SourceError(f"The Delta table '{path}' cannot be read ({error}); restore or rewrite it.") from error


def _from_frame(frame: pl.DataFrame, path: Path, mapping: ColumnMapping) -> SourceRows:
    _check_columns(frame.columns, path, mapping)
    places = {ours: theirs for ours, theirs in mapping.names.items() if theirs in frame.columns}
    plain = [name for name, dtype in frame.schema.items() if _is_plain(dtype)]
    for theirs in places.values():
        if theirs not in plain:
            raise SourceError(
                f"The column '{theirs}' of '{path}' is of type {frame.schema[theirs]}, but a product's columns are "
                "texts and numbers; convert it, or map another column in FASHION_COLUMNS."
            )
    rows = frame.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("line_number"),
        pl.struct(plain).struct.json_encode().alias("raw_line"),
        *(pl.col(theirs).cast(pl.String).alias(ours) for ours, theirs in places.items()),
    )
    return SourceRows(_as_source_rows(rows))


def _is_plain(dtype: pl.DataType) -> bool:
    return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object, pl.Duration)


def _check_columns(header: Sequence[str], path: Path, mapping: ColumnMapping) -> None:
    found = f"its columns are {', '.join(header)}"
    remedy = (
        "set FASHION_PRESET=reference, as this looks like the reference catalog"
        if looks_like_reference(header) and mapping.names["product_id"] != "id"
        else "say in FASHION_COLUMNS which column is which"
    )
    for ours in sorted(mapping.required):
        theirs = mapping.names[ours]
        if theirs not in header:
            raise SourceError(f"The source '{path}' has no column '{theirs}' for {ours}: {found}; {remedy}.")
    present = [theirs for theirs in mapping.names.values() if theirs in header]
    if len(set(present)) == 1:
        raise SourceError(f"The source '{path}' has none of the product columns but the id: {found}; {remedy}.")
    for theirs in present:
        if list(header).count(theirs) > 1:
            raise SourceError(f"The source '{path}' has the column '{theirs}' more than once; rename or remove one.")


def _as_source_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with all columns of SCHEMA: values stripped, missing values as nulls."""
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
