"""What reading gives, whatever the format: a table's columns, its notes, and its rows in parts."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from fashion_assets.catalog.reading.bounds import ROWS_IN_PART, require_bounded_columns

LIST_SEPARATOR = ","
LIST_SEPARATOR_2 = "|"
"""Joins a list in which an item holds LIST_SEPARATOR, as web addresses may."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class TableFormat:
    """How a table is written, as far as a person states it; None is detected.

    `encoding` is a name that Python knows. `delimiter` is one character or `tab`. `sheet` is the name of an Excel
    sheet. `quote` is the character around fields that hold delimiters or line ends (empty: there is none), `escape` the
    one before a character that stands for itself. The last four say nothing about formats that have no such thing.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    quote: str | None = None
    escape: str | None = None


@dataclass(frozen=True)
class RawPart:
    """Consecutive rows of a source, all series and frames of one length.

    `line_numbers` (Int64): the line of a CSV or JSON-lines file at which the row begins, counted from 1, so that the
    header of a CSV is line 1; in other formats the row's number, counted from 1. `raw_lines` (String): the row as in
    the source; JSON for Excel, XML, Parquet and Delta. `problems` (String): why the row could not be split, or null.
    `fields` has every column of the source under its own name as String; an absent cell is null, and so are all cells
    of a row with a problem. `recovered_names` counts rows whose name had unquoted delimiters and was joined again,
    `repaired` those whose quoting was broken.
    """

    line_numbers: pl.Series
    raw_lines: pl.Series
    problems: pl.Series
    fields: pl.DataFrame
    recovered_names: int = 0
    repaired: int = 0

    def __len__(self) -> int:
        return len(self.line_numbers)


@dataclass(frozen=True)
class SourceTable:
    """A table that can be read, as often as needed, in parts.

    `path` is the path as given. `columns` are unique names in the source's order. `notes` are sentences for people
    about what was detected or left out; a plain UTF-8 CSV with commas has none. `repeated` are names that more than one
    column has: the first such column keeps the name, the next is `name (2)`. `nested` are the columns whose cells are
    JSON, with their type. `read_parts` gives the parts, of about the given number of rows.
    """

    path: Path
    columns: tuple[str, ...]
    read_parts: Callable[[int], Iterator[RawPart]] = field(repr=False)
    notes: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    nested: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        require_bounded_columns(self.path, self.columns)

    def parts(self, rows: int = ROWS_IN_PART) -> Iterator[RawPart]:
        """All rows in order, about `rows` at a time; raises SourceError if the source cannot be read to its end."""
        return self.read_parts(rows)


class Row(NamedTuple):
    """A row that is no line of fields: an object of JSON or an item of XML; `problem` says why `cells` is empty."""

    number: int
    raw: str
    cells: Mapping[str, str | None]
    problem: str | None = None


def parts_of(rows: Iterable[Row], columns: Sequence[str], size: int) -> Iterator[RawPart]:
    """`rows` as parts of `size` rows."""
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield RawPart(
            line_numbers=pl.Series([row.number for row in part], dtype=pl.Int64),
            raw_lines=text_series([row.raw for row in part]),
            problems=text_series([row.problem for row in part]),
            fields=pl.DataFrame([text_series([row.cells.get(name) for row in part], name) for name in columns]),
        )


def text_series(values: Sequence[str | None], name: str = "") -> pl.Series:
    return pl.Series(name, values, dtype=pl.String)


def unique_names(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names, stripped and made unique, and those that occur more than once; a missing one is `column N`."""
    plain = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    taken, seen, unique = set(plain), Counter[str](), []
    for name in plain:
        seen[name] += 1
        candidate, number = name, seen[name]
        while number > 1 and (candidate := f"{name} ({number})") in taken:
            number += 1
        taken.add(candidate)
        unique.append(candidate)
    return tuple(unique), tuple(name for name, count in seen.items() if count > 1)


def note_on_names(repeated: Sequence[str]) -> tuple[str, ...]:
    if not repeated:
        return ()
    quoted = ", ".join(f"'{name}'" for name in repeated)
    return (f"More than one column is called {quoted}: the first keeps the name, the next is '{repeated[0]} (2)'.",)


def joined(items: Sequence[str]) -> str:
    """A list of texts as one text."""
    return (LIST_SEPARATOR_2 if any(LIST_SEPARATOR in item for item in items) else LIST_SEPARATOR).join(items)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def valid_text(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 can hold."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)
