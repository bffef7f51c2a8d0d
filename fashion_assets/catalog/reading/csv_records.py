"""From lines to records: every line of a CSV that is not blank is in exactly one record, well-formed or not.

What the rules of quoting allow is read as Python's csv reads it. A record that breaks them is repaired: a quote that is
opened and never closed, or closed by a stray one, would swallow the rows below it.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple, TextIO

from fashion_assets.catalog.reading.dialect import Dialect, StrictRows, strict_rows
from fashion_assets.catalog.reading.encoding import UTF_8, Encoding

CHARACTERS_IN_BLOCK = 1 << 24
_LINES_AT_ONCE = 20
BYTE_ORDER_MARK = "\ufeff"


@dataclass
class RecordBlock:
    """Consecutive records: the line at which each begins, counted from 1, its text without the line end, its fields.

    `problems` says, by the record's place, why its fields are empty. `repaired` counts records with broken quoting.
    """

    line_numbers: list[int] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)
    repaired: int = 0


class _Repair(NamedTuple):
    fields: list[str]
    lines: int
    problem: str | None = None


def text_lines(content: BinaryIO, encoding: Encoding = UTF_8) -> TextIO:
    """The file's lines with line ends. Bytes that are not in the encoding become surrogates, for problems to name."""
    return io.TextIOWrapper(content, encoding=encoding.codec, errors=encoding.errors, newline="")


def without_marks(lines: Iterable[str]) -> Iterator[str]:
    """The lines without byte order marks before the first."""
    lines = iter(lines)
    for first in islice(lines, 1):
        yield first.lstrip(BYTE_ORDER_MARK)
    yield from lines


def record_blocks(
    lines: Iterable[str], dialect: Dialect, *, width: int, number: int = 1, size: int = 20_000
) -> Iterator[RecordBlock]:
    """The records of `lines`, of which the first has the given number, without blank lines; `width` is the header's.

    A block is made of about `size` lines, fewer where they are long; a record that goes on beyond it is read to its
    end.
    """
    lines = iter(lines)
    held: list[str] = []
    wanted, is_at_end = size, False
    while held or not is_at_end:
        taken = _take(lines, wanted - len(held))
        is_at_end = is_at_end or (not taken and len(held) < wanted)
        held += taken
        window = held[:wanted]
        block, used = _Records(window, dialect, width, is_at_end and len(held) <= wanted).read(number, size)
        if block.rows:
            yield block
        held, number = held[used:], number + used
        wanted = size if used else 2 * wanted  # a record goes on


def _take(lines: Iterator[str], count: int) -> list[str]:
    taken: list[str] = []
    characters = 0
    while len(taken) < count and characters < CHARACTERS_IN_BLOCK:
        more = list(islice(lines, min(_LINES_AT_ONCE, count - len(taken))))
        if not more:
            break
        characters += sum(map(len, more))
        taken += more
    return taken


class _Records:
    """The records in the lines that are held; the last one is left unread if it may go on in lines to come."""

    def __init__(self, held: list[str], dialect: Dialect, width: int, is_at_end: bool):
        self.held, self.dialect, self.width, self.is_at_end = held, dialect, width, is_at_end

    def read(self, number: int, size: int) -> tuple[RecordBlock, int]:
        """The records and how many lines they are in, the first of which has the given number.

        Lines that were held to look for the end of a broken record are left for blocks of `size` lines to come.
        """
        block, at = RecordBlock(), 0
        while at < len(self.held):
            read = strict_rows(self.held, at, self.dialect)
            at, is_swallowing = self._add_well_formed(block, number, at, read)
            if not is_swallowing and read.broken_at is None:
                break
            if not is_swallowing and not self.is_at_end and read.broken_at == len(self.held):
                break
            repair = self._repaired(at)
            if repair.problem:
                block.problems[len(block.rows)] = repair.problem
            block.repaired += 1
            self._add(block, number + at, self.held[at : at + repair.lines], repair.fields)
            at += repair.lines
            if len(self.held) > size:
                break
        return block, at

    def _add_well_formed(self, block: RecordBlock, number: int, at: int, read: StrictRows) -> tuple[int, bool]:
        """Where the first row begins that was not added, and whether that is because it swallows others."""
        if read.rows and read.ends[-1] - at == len(read.rows) and min(map(len, read.rows)) > 1:
            block.line_numbers += range(number + at, number + read.ends[-1])
            block.raws += [line.rstrip("\r\n") for line in self.held[at : read.ends[-1]]]
            block.rows += read.rows
            return read.ends[-1], False
        for row, end in zip(read.rows, read.ends, strict=True):
            lines = self.held[at:end]
            if self._is_swallowing(row, lines):
                return at, True
            is_blank = not row or (len(row) == 1 < self.width and not "".join(lines).strip(" \r\n"))
            if not is_blank:
                self._add(block, number + at, lines, row)
            at = end
        return at, False

    def _add(self, block: RecordBlock, number: int, lines: list[str], fields: list[str]) -> None:
        block.line_numbers.append(number)
        block.raws.append("".join(lines).rstrip("\r\n"))
        block.rows.append(fields)

    def _is_swallowing(self, fields: list[str], lines: list[str]) -> bool:
        """Whether a record over several lines is of the wrong width, and each of its lines is a row by itself."""
        if len(lines) == 1 or len(fields) == self.width or (len(fields) > self.width and not any(fields[self.width :])):
            return False
        rows = [_alone(line, self.dialect, self.width) for line in lines if line.strip(" \r\n")]
        return all(len(row.fields) == self.width for row in rows)

    def _repaired(self, start: int) -> _Repair:
        """The record that breaks the rules: leniently read if its lines belong together, else its first line alone."""
        alone = _alone(self.held[start], self.dialect, self.width)
        reader = self.dialect.reader(islice(self.held, start, None))
        try:
            fields = next(reader)
        except (csv.Error, StopIteration):
            return alone
        count = reader.line_num
        if count == 1 or len(fields) != self.width:
            return alone
        further = self.held[start + 1 : start + count]
        is_in_doubt = len(alone.fields) == self.width and any(self._is_row(line) for line in further)
        return alone if is_in_doubt and not self._is_closed(further) else _Repair(fields, count)

    def _is_closed(self, further: list[str]) -> bool:
        """Whether a field that is open before these lines ends in them as the rules say, and the record with them."""
        read = strict_rows([self.dialect.quote + further[0], *further[1:]], 0, self.dialect)
        return read.broken_at is None and len(read.rows) == 1

    def _is_row(self, line: str) -> bool:
        return line.count(self.dialect.delimiter) + 1 >= max(2, self.width)


def _alone(line: str, dialect: Dialect, width: int) -> _Repair:
    """The fields of a line with stray quotes: parsed leniently if that gives all, else with quotes as plain text."""
    line = line.rstrip("\r\n")
    try:
        lenient = next(dialect.reader([line]), [])
        if len(lenient) == width:
            return _Repair(lenient, 1)
        plain = next(dialect.reader([line], quoting=False), [])
        return _Repair(lenient if width < len(lenient) < len(plain) else plain, 1)
    except csv.Error as error:
        return _Repair([], 1, f"the line cannot be split into fields: {error}")
