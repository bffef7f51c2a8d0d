"""How large a table may become when it is unpacked: small files can stand for more than any disk or memory holds.

A compressed file is measured as it is unpacked. Of a Parquet file, the footer is looked at before anything is read, and
its texts, which many cells may share, before they are used. The limits are far beyond the tables of shops.
"""

from collections.abc import Collection, Iterable, Iterator
from gzip import GzipFile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from fashion_assets.catalog.reading.kinds import no_table
from fashion_assets.errors import SourceError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

ROWS_IN_PART = 20_000
"""Enough to make the overhead of a part negligible, few enough to stay at about 50 MB."""

MOST_ROWS = 100_000_000
"""A table beyond it would not be ingested within a day."""

MOST_COLUMNS = 5_000

MOST_VALUES = 100_000_000
"""Cells, with the items of lists, of one row group of a Parquet file, which is read at once: 16 bytes each."""

MOST_GROUP_BYTES = 2_000_000_000
"""Of one row group without compression, which polars takes as much memory for. Writers make groups of 128 to 512 MB, or
of 1,048,576 rows."""

FREE_BYTES, MOST_RATIO = 20_000_000, 100
"""A file that unpacks to more than FREE_BYTES may have MOST_RATIO times its size. Tables come to 5 to 40 times."""

USUAL_ROW = 4_000
"""Bytes of a row's texts that are never too many, however often they are the same: a file keeps these once."""

PART_BYTES = 64_000_000
"""Of the texts of one part, however few rows these are."""

LONGEST_ROW = 16_000_000
"""Bytes of a row's texts. Excel ends cells at 32,767 characters."""

_COPIED_AT_ONCE = 1 << 20


def copy_bounded(packed: IO[bytes] | GzipFile, unpacked: IO[bytes], packed_bytes: int, path: Path) -> None:
    """Unpack a stream; raises SourceError once it is too large for what it was packed in."""
    size = 0
    while part := packed.read(_COPIED_AT_ONCE):
        size += len(part)
        if size > max(FREE_BYTES, MOST_RATIO * packed_bytes):
            raise too_much(path, f"unpacks to more than {MOST_RATIO} times its size")
        unpacked.write(part)


def require_bounded_columns(path: Path, columns: Collection[str]) -> None:
    """Raise SourceError for more than MOST_COLUMNS."""
    if len(columns) > MOST_COLUMNS:
        raise too_much(path, f"has {len(columns):,} columns, more than {MOST_COLUMNS:,}")


def require_bounded_parquet(file: "pq.ParquetFile", packed_bytes: int, path: Path) -> None:
    """Raise SourceError for a file of `packed_bytes` that would not fit into memory, by its rows or a row group."""
    metadata = file.metadata
    if metadata.num_rows > MOST_ROWS:
        raise too_much(path, f"has {metadata.num_rows:,} rows, more than {MOST_ROWS:,}")
    if metadata.num_columns > MOST_COLUMNS:
        raise too_much(path, f"has {metadata.num_columns:,} columns, more than {MOST_COLUMNS:,}")
    rows = size = total = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = [group.column(at) for at in range(group.num_columns)]
        values = sum(chunk.num_values for chunk in chunks)
        if max(values, group.num_rows) > MOST_VALUES:
            raise too_much(path, f"has a row group of {values:,} values, more than {MOST_VALUES:,}")
        if rows >= ROWS_IN_PART:
            rows = size = 0
        unpacked = max(group.total_byte_size, sum(chunk.total_uncompressed_size for chunk in chunks))
        _require_bytes(size + unpacked, path)
        unpacked += sum(_bytes_after_prefixes(file, number, chunk) for chunk in chunks)
        rows, size, total = rows + group.num_rows, size + unpacked, total + unpacked
        _require_bytes(size, path)
        require_ratio(total, packed_bytes, metadata.num_rows, path)


def _require_bytes(size: int, path: Path) -> None:
    """Raise SourceError if what is read at once is too much: a row group, or several that have few rows."""
    if size > MOST_GROUP_BYTES:
        raise too_much(path, f"has a row group of {size:,} bytes or more, over the {MOST_GROUP_BYTES:,} allowed")


def require_ratio(size: int, packed_bytes: int, rows: int, path: Path) -> None:
    """Raise SourceError for more than a file of `packed_bytes` may stand for."""
    if size > max(FREE_BYTES, MOST_RATIO * packed_bytes, USUAL_ROW * rows):
        raise too_much(path, f"unpacks to more than {MOST_RATIO} times its size")


def _bytes_after_prefixes(file: "pq.ParquetFile", group: int, chunk: "pq.ColumnChunkMetaData") -> int:
    """Bytes of a column in which a text may begin as the one before, at most a little over the limit; 0 for others."""
    size = 0
    if "DELTA_BYTE_ARRAY" not in chunk.encodings:
        return size
    rows = max(1, min(1000, PART_BYTES // (chunk.total_uncompressed_size + 1)))
    for batch in file.iter_batches(rows, row_groups=[group], columns=[chunk.path_in_schema], use_threads=False):
        size += batch.nbytes
        if size > MOST_GROUP_BYTES:
            break
    return size


def bounded_parts(frames: Iterable[pl.DataFrame], packed_bytes: int, path: Path) -> Iterator[pl.DataFrame]:
    """`frames` in slices of about PART_BYTES of text: a text that many cells share is kept once until it is used.

    Raises SourceError for a row of more than LONGEST_ROW, and once there is more text than a file of `packed_bytes` may
    stand for.
    """
    total, rows = 0, 0
    for frame in frames:
        sizes = bytes_of_rows(frame)
        longest = int(sizes.max() or 0)  # type: ignore[arg-type]
        if longest > LONGEST_ROW:
            raise too_much(path, f"has a row of {longest:,} bytes, more than {LONGEST_ROW:,}")
        total, rows = total + int(sizes.sum()), rows + len(frame)
        require_ratio(total, packed_bytes, rows, path)
        yield from _slices(frame, sizes)


def _slices(frame: pl.DataFrame, sizes: pl.Series) -> Iterator[pl.DataFrame]:
    if int(sizes.sum()) <= PART_BYTES:
        yield frame
        return
    runs = (sizes.cum_sum() // PART_BYTES).rle().struct.field("len")
    for start, length in zip((runs.cum_sum() - runs).to_list(), runs.to_list(), strict=True):
        yield frame.slice(start, length)


def bytes_of_rows(frame: pl.DataFrame) -> pl.Series:
    """Of the texts of each row (Int64), counted without making them."""
    sizes = [size for name, dtype in frame.schema.items() if (size := _bytes_of(pl.col(name), dtype)) is not None]
    if not sizes:
        return pl.repeat(0, len(frame), dtype=pl.Int64, eager=True)
    return frame.select(pl.sum_horizontal(sizes).alias("")).to_series()


def _bytes_of(cell: pl.Expr, dtype: Any) -> pl.Expr | None:
    """Of the texts in a cell; null if its type has none."""
    if dtype == pl.String:
        return cell.str.len_bytes().cast(pl.Int64)
    if dtype in (pl.Categorical, pl.Enum):
        return cell.cat.len_bytes().cast(pl.Int64)
    if isinstance(dtype, pl.Array):
        return _bytes_of(cell.arr.to_list(), pl.List(dtype.inner))
    if isinstance(dtype, pl.List):
        items = _bytes_of(pl.element(), dtype.inner)
        return None if items is None else cell.list.eval(items).list.sum()
    if isinstance(dtype, pl.Struct):
        fields = [_bytes_of(cell.struct.field(field.name), field.dtype) for field in dtype.fields]
        present = [size for size in fields if size is not None]
        return pl.sum_horizontal(present) if present else None
    return None


def too_much(path: Path, what: str) -> SourceError:
    return no_table(path, what, "export the products in smaller files, without what is not about them")
