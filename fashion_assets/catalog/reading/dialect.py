"""Which CSV dialect a file is in: its delimiter, and how fields are quoted.

Commas, double quotes and doubled quotes are assumed unless the header or the rows speak for something else, so that a
file in that dialect is read as Python's csv reads it. Lines end where csv.reader ends them: at \\n, \\r\\n and \\r.
What cannot be told from the text must be stated: a delimiter other than DELIMITERS, no quoting at all, and single
quotes or an escape character in a file in which double quotes give rows of the right width, too.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from fashion_assets.catalog.reading.table import TableFormat
from fashion_assets.errors import SourceError

DELIMITERS = ",;\t|"
NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
FIELD_LIMIT = 1 << 25
"""Characters that a field may have. A quote that is never closed is followed no further than this."""

_SEP_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How lines are split into fields; an empty `quote` or `escape` means that there is none."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skips_spaces: bool = False

    def reader(self, lines: Iterable[str], *, strict: bool = False, quoting: bool = True) -> Any:
        """A csv.reader of `lines`."""
        csv.field_size_limit(max(csv.field_size_limit(), FIELD_LIMIT))
        has_quotes = quoting and bool(self.quote)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote if has_quotes else None,
            quoting=csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            skipinitialspace=self.skips_spaces,
            strict=strict,
        )

    def notes(self) -> tuple[str, ...]:
        shown = "a tab" if self.delimiter == "\t" else f"'{self.delimiter}'"
        notes = [f"The delimiter is {shown}."] if self.delimiter != "," else []
        notes += [f"Fields are quoted by {self.quote}."] if self.quote not in ('"', "") else []
        notes += [f"Quotes in fields are written {self.escape}{self.quote}."] if self.escape else []
        notes += ["Spaces after delimiters are left out."] if self.skips_spaces else []
        return tuple(notes)


class StrictRows(NamedTuple):
    """Rows up to the first break of the rules; `ends[n]` is the place of the line after row n."""

    rows: list[list[str]]
    ends: list[int]
    broken_at: int | None
    """The place of the line after that at which the rules were broken; None if they were not."""


def strict_rows(lines: Sequence[str], start: int, dialect: Dialect) -> StrictRows:
    """The well-formed rows of `lines` from `start` on."""
    reader = dialect.reader(islice(lines, start, None), strict=True)
    rows, ends = [], []
    try:
        for row in reader:
            rows.append(row)
            ends.append(start + reader.line_num)
    except csv.Error:
        return StrictRows(rows, ends, start + reader.line_num)
    return StrictRows(rows, ends, None)


def separator_line(line: str) -> str | None:
    """The delimiter that a first line like `sep=;` states; None if it is no such line."""
    match = _SEP_LINE.fullmatch(line.strip("\r\n"))
    return match and match[1]


def detect_dialect(
    lines: Sequence[str], stated: TableFormat, names: Iterable[str | None] = (), *, is_whole: bool = True
) -> Dialect:
    """The dialect of a file that begins with `lines`, the first of which is its header; it may have columns `names`.

    Raises SourceError if what is stated is not one character.
    """
    delimiter = _one_character("delimiter", NAMED_DELIMITERS.get((stated.delimiter or "").lower(), stated.delimiter))
    quote, escape = _one_character("quote", stated.quote), _one_character("escape", stated.escape)
    plain = Dialect(quote='"' if quote is None else quote, escape=escape or "")
    if delimiter is None:
        candidates = [replace(plain, delimiter=delimiter) for delimiter in DELIMITERS]
        expected = {name for name in names if name}
        plain = max(candidates, key=lambda candidate: _plausibility(lines, candidate, expected, is_whole))
    else:
        plain = replace(plain, delimiter=delimiter)
    if quote is not None or escape is not None:
        return plain
    fit = _fit(lines, plain, is_whole)
    if not fit.misfits:
        return plain
    fits = [(candidate, _fit(lines, candidate, is_whole)) for candidate in _variants(lines, plain)]
    better = [(candidate, other) for candidate, other in fits if other.misfits < fit.misfits and other.rows > fit.rows]
    return min(better, key=lambda pair: pair[1].misfits)[0] if better else plain


class _Fit(NamedTuple):
    header: list[str]
    rows: int
    misfits: int

    @property
    def share(self) -> float:
        return self.rows / (self.rows + self.misfits) if self.rows + self.misfits else 1.0


def _plausibility(lines: Sequence[str], dialect: Dialect, expected: set[str], is_whole: bool) -> tuple[float, ...]:
    """Compares delimiters: expected columns, whether it splits, rows as wide as the header, tidy names, width."""
    fit = _fit(lines, dialect, is_whole)
    width = len(fit.header)
    untidy = sum(name != name.lstrip() for name in fit.header[1:])
    named = len(expected & {name.strip() for name in fit.header})
    return named, width > 1, round(fit.share, 1), -untidy, width


def _fit(lines: Sequence[str], dialect: Dialect, is_whole: bool) -> _Fit:
    """How many rows have the header's width, and how many have another or break the rules of quoting."""
    header, rows, misfits, at = None, 0, 0, 0
    while at < len(lines):
        read = strict_rows(lines, at, dialect)
        is_cut_off = read.broken_at == len(lines) and not is_whole
        for row in read.rows:
            if header is None:
                header = row or None
            elif row and any(cell.strip() for cell in row):
                fits = len(row) == len(header) or (len(row) > len(header) and not any(row[len(header) :]))
                rows, misfits = rows + fits, misfits + (not fits)
        if read.broken_at is None or is_cut_off:
            break
        misfits += 1
        at = (read.ends[-1] if read.ends else at) + 1
    return _Fit(header or [], rows, misfits)


def _variants(lines: Sequence[str], plain: Dialect) -> Iterator[Dialect]:
    text = "".join(lines)
    if '\\"' in text:
        yield replace(plain, escape="\\")
    if "'" in text:
        yield replace(plain, quote="'")
    if f'{plain.delimiter} "' in text:
        yield replace(plain, skips_spaces=True)


def _one_character(what: str, stated: str | None) -> str | None:
    is_absent = not stated and (stated is None or what != "delimiter")
    if is_absent or (len(stated or "") == 1 and stated not in ("\r", "\n")):
        return stated
    raise SourceError(
        value=f"The {what} is stated as '{stated}'",
        rule="it must be one character",
        remedy="state one, or leave it out to have it detected",
    )
