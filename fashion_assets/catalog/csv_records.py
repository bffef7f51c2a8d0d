"""Text to records: every non-blank line of a CSV file ends up in exactly one record, whatever it looks like.

What the fields mean is decided in `source.py`.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

DELIMITERS = ",;\t|"


class Record(NamedTuple):
    """One data row as it stands: `line_number` counts from 1 and is that of its first line."""

    line_number: int
    raw: str
    fields: list[str]
    problem: str | None


def split_lines(data: bytes) -> list[str]:
    """The file's lines with their ends. Bytes that are not UTF-8 become surrogates, for `csv_records` to report."""
    text = data.decode("utf-8-sig", errors="surrogateescape")
    return list(io.StringIO(text, newline=""))  # str.splitlines would also split at form feeds and U+2028


def csv_records(lines: list[str], delimiter: str, *, width: int = 1, key_at: int | None = None) -> Iterator[Record]:
    """The records of `lines`, header included, blank lines left out.

    A quote that is opened and never closed would swallow the rows below it. So a record over several lines counts
    only if it is well-formed and none of its further lines is a row by itself (`width` fields, a number at
    `key_at`); otherwise its first line is read alone and the reading goes on at the second.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while feed.at < len(lines):
        start = feed.at
        if not lines[start].strip(" \r\n"):
            feed.at += 1
            continue
        try:
            fields, problem = next(reader), None
            swallowed = any(_is_row(line, delimiter, width, key_at) for line in lines[start + 1 : feed.at])
        except csv.Error:
            swallowed = True
        if swallowed:
            feed.at = start + 1
            fields, problem = _read_alone(lines[start], delimiter, width)
        yield _record(start + 1, "".join(lines[start : feed.at]).rstrip("\r\n"), fields, problem)


class _Feed:
    """Lines for csv.reader, with a position that can be set back."""

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _is_row(line: str, delimiter: str, width: int, key_at: int | None) -> bool:
    cells = line.split(delimiter)
    return key_at is not None and len(cells) >= width and cells[key_at].strip(' "').isdecimal()


def _read_alone(line: str, delimiter: str, width: int) -> tuple[list[str], str | None]:
    """A line with stray quotes: read leniently if that gives all fields, else with quotes as plain characters."""
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
