"""A sheet of a workbook as a table: cells as text, numbers without `.0`, texts as they stand with leading zeros."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fashion_assets.catalog.reading.bounds import bounded_parts
from fashion_assets.catalog.reading.kinds import no_table
from fashion_assets.catalog.reading.table import RawPart, SourceTable, note_on_names, unique_names
from fashion_assets.catalog.reading.workbooks import Sheet, read_sheet
from fashion_assets.errors import SourceError

_ROWS_ABOVE_HEADER = 20
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
_TIME = r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})$"
_MOMENT = r"^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$"


def open_excel(content: Path, path: Path, stated: str | None = None) -> SourceTable:
    """A workbook (.xlsx, .xlsb, .xls, .ods), called `path` in messages: its stated sheet, else its longest visible one.

    The header is the first row that has at least half as many cells as the fullest of the first 20; blank rows are no
    rows, and blank columns no columns. A workbook is read
    whole: a million cells take about 100 MB. Raises SourceError if it cannot be read or has no such sheet.
    """
    chosen = _chosen_sheet(content, path, stated)
    cells = chosen.cells
    filled = [sum(value is not None for value in row) for row in cells.head(_ROWS_ABOVE_HEADER).iter_rows()]
    if not any(filled):
        raise no_table(path, f"has no header in the sheet '{chosen.name}'")
    start = next(place for place, count in enumerate(filled) if 2 * count >= max(filled))
    cells = cells.slice(start)
    cells = cells.select(column for column in cells.iter_columns() if column.is_not_null().any())
    columns, repeated = unique_names([value or "" for value in cells.row(0)])
    notes = (*chosen.notes, *((f"The header is row {start + 1} of the sheet.",) if start else ()))
    rows = _as_text(cells.slice(1).rename(dict(zip(cells.columns, columns, strict=True))))
    sheet = _Sheet(rows, path)
    return SourceTable(path, columns, sheet.parts, (*notes, *note_on_names(repeated)), repeated)


@dataclass(frozen=True)
class _Chosen:
    name: str
    cells: pl.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Sheet:
    rows: pl.DataFrame
    path: Path

    def parts(self, size: int) -> Iterator[RawPart]:
        numbered = self.rows.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("number"), pl.struct(pl.all()).alias("cells")
        )
        present = numbered.filter(pl.any_horizontal(pl.col("cells").struct.field("*").is_not_null()))
        for part in bounded_parts(present.iter_slices(size), self.path.stat().st_size, self.path):
            fields = part["cells"].struct.unnest()
            yield RawPart(
                line_numbers=part["number"].alias(""),
                raw_lines=part["cells"].struct.json_encode().alias(""),
                problems=pl.repeat(None, len(part), dtype=pl.String, eager=True),
                fields=fields,
            )


def _chosen_sheet(content: Path, path: Path, stated: str | None) -> _Chosen:
    if _is_encrypted(content):
        raise no_table(path, "is an Excel file with a password", "save it without one")
    sheet = read_sheet(content, path, stated)
    if not isinstance(sheet, Sheet):
        raise SourceError(
            value=f"The sheet is stated as '{stated}'",
            rule=f"'{path}' has the sheets {', '.join(sheet)}",
            remedy="state one of these, or none to have the longest one read",
        )
    note = f"Read from the sheet '{sheet.name}' (1 of {sheet.count}, the longest)."
    return _Chosen(sheet.name, sheet.cells, (note,) if sheet.count > 1 else ())


def _is_encrypted(content: Path) -> bool:
    """Whether this is the container in which Office keeps files with a password."""
    with content.open("rb") as file:
        start = file.read(1 << 16)
    return start.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in content.read_bytes()


def _as_text(cells: pl.DataFrame) -> pl.DataFrame:
    """Moments in ISO 8601, days without the midnight and times without the day that Excel adds."""
    texts = pl.all().str.replace(_TIME, "$1").str.replace(_MIDNIGHT, "$1").str.replace(_MOMENT, "${1}T$2")
    return cells.with_columns(texts)
