"""A CSV file as a table: its header, and its records fitted to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from unicodedata import category

import polars as pl

from fashion_assets.catalog.reading.bounds import require_bounded_columns
from fashion_assets.catalog.reading.csv_records import (
    RecordBlock,
    record_blocks,
    text_lines,
    without_marks,
)
from fashion_assets.catalog.reading.dialect import Dialect, detect_dialect, separator_line, strict_rows
from fashion_assets.catalog.reading.encoding import Encoding
from fashion_assets.catalog.reading.table import (
    RawPart,
    SourceTable,
    TableFormat,
    note_on_names,
    text_series,
    unique_names,
)
from fashion_assets.errors import SourceError

SAMPLE_LINES = 1_000
SAMPLE_CHARACTERS = 1 << 20


@dataclass(frozen=True)
class _Header:
    dialect: Dialect
    names: tuple[str, ...]
    end: int
    """The number of lines up to its end."""
    least: int
    """The fewest fields of a row: columns without a name at the end may be absent."""


@dataclass(frozen=True)
class _CsvSource:
    content: Path
    encoding: Encoding
    header: _Header
    columns: tuple[str, ...]
    is_name_last: bool

    def parts(self, rows: int) -> Iterator[RawPart]:
        header = self.header
        with self.content.open("rb") as file:
            lines = without_marks(text_lines(file, self.encoding))
            further = islice(lines, header.end, None)
            number, width = header.end + 1, len(header.names)
            for block in record_blocks(further, header.dialect, width=width, number=number, size=rows):
                yield self._part(block)

    def _part(self, block: RecordBlock) -> RawPart:
        width, recovered = len(self.columns), 0
        _name_unreadable(block, self.encoding)
        for place, fields in enumerate(block.rows):
            if place in block.problems:
                block.rows[place] = []
            elif len(fields) != width:
                block.rows[place], problem, is_recovered = self._fitted(fields)
                recovered += is_recovered
                if problem:
                    block.problems[place] = problem
        absent = [None] * width
        cells = zip(*(fields or absent for fields in block.rows), strict=True)
        return RawPart(
            line_numbers=pl.Series(block.line_numbers, dtype=pl.Int64),
            raw_lines=text_series(block.raws),
            problems=text_series([block.problems.get(place) for place in range(len(block.rows))])
            if block.problems
            else pl.repeat(None, len(block.rows), dtype=pl.String, eager=True),
            fields=pl.DataFrame([text_series(column, name) for name, column in zip(self.columns, cells, strict=True)]),
            recovered_names=recovered,
            repaired=block.repaired,
        )

    def _fitted(self, fields: list[str]) -> tuple[list, str | None, bool]:
        """The fields at the header's width, or a problem; and whether a name was joined again."""
        width = len(self.columns)
        end = len(fields)
        while end > width and not fields[end - 1].strip():  # spreadsheets pad lines with empty fields
            end -= 1
        fields = fields[:end]
        if self.header.least <= len(fields) <= width:
            return [*fields, *[None] * (width - len(fields))], None, False
        if len(fields) > width and self.is_name_last:
            return [*fields[: width - 1], self.header.dialect.delimiter.join(fields[width - 1 :])], None, True
        problem = f"{len(fields)} fields where the header has {width}"
        if len(fields) > width:
            problem += ", and the last column is not the product name"
        return [], problem, False


def open_csv(
    content: Path, path: Path, encoding: Encoding, stated: TableFormat, names: tuple[str | None, str | None]
) -> SourceTable:
    """The CSV file `content`, called `path` in messages; `names` are the columns of the product's name and key.

    Raises SourceError if its first line that is not blank is no header, or if what is stated is not one character.
    """
    header = _read_header(content, path, encoding, stated, names)
    columns, repeated = unique_names(header.names)
    name = names[0]
    dialect_notes = header.dialect.notes() if len(columns) > 1 else ()
    source = _CsvSource(content, encoding, header, columns, name is not None and header.names[-1].strip() == name)
    notes = (*encoding.notes, *dialect_notes, *note_on_names(repeated))
    return SourceTable(path, columns, source.parts, notes, repeated)


def _read_header(
    content: Path, path: Path, encoding: Encoding, stated: TableFormat, names: Iterable[str | None]
) -> _Header:
    with content.open("rb") as file:
        lines = without_marks(text_lines(file, encoding))
        sample = _sample(lines)
        is_whole = next(lines, None) is None
    blank = _blank_lines(sample)
    if (separator := separator_line("".join(sample[blank : blank + 1]))) is not None:
        stated = stated if stated.delimiter else replace(stated, delimiter=separator)
        blank += 1 + _blank_lines(sample[blank + 1 :])
    dialect = detect_dialect(sample[blank:], stated, names, is_whole=is_whole)
    first = next(_first_rows(sample, blank, dialect), None)
    if first is None or not _is_header(first[0]):
        raise SourceError(
            value=f"The first line of '{path}' is not a header",
            rule="columns are recognized by their names in it",
            remedy="give the table a first line with the names of its columns",
        )
    cells, end = first
    require_bounded_columns(path, cells)
    named = [place for place, cell in enumerate(cells, start=1) if cell.strip()]
    return _Header(dialect, tuple(cells), end, least=named[-1])


def _sample(lines: Iterator[str]) -> list[str]:
    sample, characters = [], 0
    for line in islice(lines, SAMPLE_LINES):
        sample.append(line)
        characters += len(line)
        if characters > SAMPLE_CHARACTERS:
            break
    return sample


def _blank_lines(sample: list[str]) -> int:
    return next((place for place, line in enumerate(sample) if line.strip(" \r\n")), 0)


def _first_rows(sample: list[str], start: int, dialect: Dialect) -> Iterator[tuple[list[str], int]]:
    read = strict_rows(sample, start, dialect)
    yield from zip(read.rows, read.ends, strict=True)
    if not read.rows and start < len(sample):
        lenient = dialect.reader([sample[start]], quoting=False)
        yield from zip(lenient, count(start + 1), strict=False)


def _is_header(cells: list[str]) -> bool:
    """Whether these can be names: some text, nothing that is binary, no web address, and not only numbers."""
    texts = [cell.strip() for cell in cells if cell.strip()]
    if not texts or any(text.startswith(("http://", "https://")) or not _is_text(text) for text in texts):
        return False
    return not all(text.replace(".", "").replace(",", "").isdecimal() for text in texts)


def _is_text(text: str) -> bool:
    return all(category(character) not in ("Cc", "Cs") or character in "\r\n\t" for character in text)


def _name_unreadable(block: RecordBlock, encoding: Encoding) -> None:
    """Makes problems of records with NUL bytes, or with bytes that are not in the encoding."""
    everything = "".join(block.raws)
    if "\0" in everything:
        for place, raw in enumerate(block.raws):
            if "\0" in raw:
                block.problems[place] = "the line holds a NUL byte"
    if everything.isascii():
        return
    try:
        everything.encode()
    except UnicodeEncodeError:
        for place, raw in enumerate(block.raws):
            if problem := encoding.problem(raw):
                block.problems[place] = problem
                block.raws[place] = raw.encode(errors="surrogateescape").decode(errors="backslashreplace")
