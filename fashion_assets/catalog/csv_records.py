"""From text to records: every non-blank line of a CSV file, well-formed or not, is in exactly one record.

What the fields mean is decided in `source.py`.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple, TextIO

DELIMITERS = ",;\t|"


class Record(NamedTuple):
    """One data row as in the file; `line_number` is that of its first line, counted from 1."""

    line_number: int
    raw: str
    fields: list[str]
    problem: str | None


def text_lines(content: BinaryIO) -> TextIO:
    """The file's lines with line ends. Bytes that are not UTF-8 become surrogates, for `csv_records` to report."""
    return io.TextIOWrapper(content, encoding="utf-8-sig", errors="surrogateescape", newline="")


def csv_records(lines: Iterable[str], delimiter: str, *, width: int = 1, key_at: int | None = None) -> Iterator[Record]:
    """The records of `lines`, with the header, without blank lines; buffers no more lines than a record may span.

    A quote that is opened and never closed would swallow the rows below it. So a record over several lines is accepted
    only if it is well-formed and none of its further lines is a row by itself (`width` fields, a number at `key_at`);
    otherwise its first line is parsed alone, and parsing continues at the second.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    line_number = 1
    while (first := feed.first()) is not None:
        if not first.strip(" \r\n"):
            feed.take(1)
            line_number += 1
            continue
        fields, problem = _next_row(reader), None
        swallowed = fields is None or any(_is_row(line, delimiter, width, key_at) for line in feed.further())
        if fields is None or swallowed:
            fields, problem = _read_alone(first, delimiter, width)
        read = feed.take(1 if swallowed else None)
        yield _record(line_number, "".join(read).rstrip("\r\n"), fields, problem)
        line_number += len(read)


class _Feed:
    """Lines for csv.reader; buffers those of the current record, so that they can be read again."""

    def __init__(self, lines: Iterable[str]):
        self._lines = iter(lines)
        self._held: list[str] = []
        self._at = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._at == len(self._held):
            self._held.append(next(self._lines))
        self._at += 1
        return self._held[self._at - 1]

    def first(self) -> str | None:
        """The first line of the next record; None at the end."""
        if not self._held:
            self._held.extend(islice(self._lines, 1))
        return self._held[0] if self._held else None

    def further(self) -> list[str]:
        """The lines of the current record after its first."""
        return self._held[1 : self._at]

    def take(self, count: int | None = None) -> list[str]:
        """Remove and return `count` buffered lines, by default all that were read; lines beyond them are read again."""
        count = self._at if count is None else count
        taken, self._held, self._at = self._held[:count], self._held[count:], 0
        return taken


def _is_row(line: str, delimiter: str, width: int, key_at: int | None) -> bool:
    cells = line.split(delimiter)
    return key_at is not None and len(cells) >= width and cells[key_at].strip(' "').isdecimal()


def _next_row(reader: Iterator[list[str]]) -> list[str] | None:
    """The next row, or None if the text breaks the rules of quoting."""
    try:
        return next(reader)
    except csv.Error:
        return None


def _read_alone(line: str, delimiter: str, width: int) -> tuple[list[str], str | None]:
    """The fields of a line with stray quotes: parsed leniently if that gives all, else with quotes as plain text."""
    line = line.rstrip("\r\n")
    try:
        lenient = next(csv.reader([line], delimiter=delimiter))
        if len(lenient) == width:
            return lenient, None
        return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE)), None
    except csv.Error as error:
        return [], f"the line cannot be split into fields: {error}"


def _record(line_number: int, raw: str, fields: list[str], problem: str | None) -> Record:
    if "\0" in raw:
        problem = "the line holds a NUL byte"
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        problem = f"byte 0x{ord(raw[error.start]) & 0xFF:02x} is not UTF-8; save the source as UTF-8"
        raw = raw.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return Record(line_number, raw, [] if problem else fields, problem)
