"""JSON as a table: an object a line, an array of objects, or one object that holds such an array (as `products`).

An object's keys are columns. A line that is no object is a row with a problem; an array that is not well-formed cannot
be read on after the error, and is refused.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from fashion_assets.catalog.reading.bounds import require_bounded_columns
from fashion_assets.catalog.reading.csv_records import text_lines, without_marks
from fashion_assets.catalog.reading.encoding import Encoding
from fashion_assets.catalog.reading.kinds import no_table
from fashion_assets.catalog.reading.table import (
    RawPart,
    Row,
    SourceTable,
    as_json,
    joined,
    parts_of,
    valid_text,
)

_CHUNK = 1 << 16
_LINES_TRIED = 20
_TOO_MUCH = "a number of too many digits, or values that are nested too deeply"


class _Number(str):
    """A number as the source writes it, so that no digit is lost."""


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=lambda _: None)


class _Value(NamedTuple):
    number: int
    raw: str
    value: Any
    problem: str | None = None


def open_json(content: Path, path: Path, encoding: Encoding) -> SourceTable:
    """The JSON file `content`, called `path` in messages; raises SourceError if there is no object to read in it."""
    source = _JsonSource(content, path, encoding, _values_in(content, encoding))
    columns: dict[str, None] = {}
    nested: dict[str, str] = {}
    for value in source:
        if isinstance(value.value, dict):
            columns |= dict.fromkeys(value.value)
            require_bounded_columns(path, columns)
            nested |= {valid_text(key): "JSON" for key, cell in value.value.items() if _is_nested(cell)}
    if not columns:
        raise no_table(path, "is JSON without an object in it")
    names = tuple(map(valid_text, columns))
    return SourceTable(path, names, partial(source.parts, names), encoding.notes, nested=nested)


@dataclass(frozen=True)
class _JsonSource:
    content: Path
    path: Path
    encoding: Encoding
    values: Callable[[TextIO], Iterator[_Value]]

    def __iter__(self) -> Iterator[_Value]:
        with self.content.open("rb") as file:
            lines = text_lines(file, self.encoding)
            try:
                yield from self.values(lines)
            except json.JSONDecodeError as error:
                raise no_table(self.path, f"is not well-formed JSON ({error.msg})", "export it again") from error
            except (ValueError, RecursionError) as error:
                raise no_table(self.path, f"is JSON with {_TOO_MUCH}", "export it again") from error

    def parts(self, columns: tuple[str, ...], rows: int) -> Iterator[RawPart]:
        yield from parts_of(map(self._row, self), columns, rows)

    def _row(self, value: _Value) -> Row:
        if problem := value.problem or self.encoding.problem(value.raw):
            raw = value.raw.encode(errors="surrogateescape").decode(errors="backslashreplace")
            return Row(value.number, raw, {}, problem)
        try:
            return Row(value.number, value.raw, {valid_text(key): _text(cell) for key, cell in value.value.items()})
        except (ValueError, RecursionError):
            return Row(value.number, value.raw, {}, f"the object has {_TOO_MUCH}")


def _values_in(content: Path, encoding: Encoding) -> Callable[[TextIO], Iterator[_Value]]:
    """How the objects lie in the file."""
    with content.open("rb") as file:
        lines = [line for line in islice(without_marks(text_lines(file, encoding)), _LINES_TRIED) if line.strip()]
    if "".join(lines).lstrip().startswith("["):
        return _values_of_array
    objects = [isinstance(_parsed(line), dict) for line in lines]
    is_lines = len(lines) > 1 and (objects[0] or 2 * sum(objects) > len(lines))
    return _values_of_lines if is_lines else _values_of_document


def _values_of_lines(text: TextIO) -> Iterator[_Value]:
    for number, line in enumerate(without_marks(text), start=1):
        if line.strip():
            value = _parsed(line)
            problem = None if isinstance(value, dict) else "the line is not a JSON object"
            yield _Value(number, line.strip(), value, problem)


def _values_of_array(text: TextIO) -> Iterator[_Value]:
    scanner = _Scanner(text)
    scanner.skip("[")
    number = 0
    while (following := scanner.next_character()) != "]":
        if number and following != ",":
            raise json.JSONDecodeError(f"no comma after item {number}", "", 0)
        if number:
            scanner.skip(",")
        number += 1
        raw, value = scanner.value()
        yield _Value(number, raw, value, None if isinstance(value, dict) else "the item is not a JSON object")
    scanner.skip("]")
    if scanner.next_character():
        raise json.JSONDecodeError("text after the array", "", 0)


def _values_of_document(text: TextIO) -> Iterator[_Value]:
    """The objects of the only array of objects in a document; else the objects that follow one another in it."""
    scanner = _Scanner(text)
    documents = []
    while scanner.next_character():
        documents.append(scanner.value())
    arrays = [cell for _, document in documents if isinstance(document, dict) for cell in document.values()]
    arrays = [
        cell for cell in arrays if isinstance(cell, list) and cell and all(isinstance(item, dict) for item in cell)
    ]
    if len(documents) == 1 and len(arrays) == 1:
        for number, value in enumerate(arrays[0], start=1):
            yield _Value(number, as_json(_plain(value)), value)
        return
    for number, (raw, value) in enumerate(documents, start=1):
        yield _Value(number, raw, value, None if isinstance(value, dict) else "the value is not a JSON object")


class _Scanner:
    """Reads values of JSON one after another, and holds no more text than the present one needs."""

    def __init__(self, text: TextIO):
        self._source, self._text, self._at = text, "", 0

    def next_character(self) -> str:
        """The next character that is no space, which is not consumed; empty at the end."""
        while True:
            rest = self._text[self._at :].lstrip(" \t\r\n\ufeff")
            self._text, self._at = rest, 0
            if rest or not self._fill():
                return rest[:1]

    def skip(self, character: str) -> None:
        self.next_character()
        self._at += len(character)

    def value(self) -> tuple[str, Any]:
        """The next value, as written and as parsed; raises JSONDecodeError if there is none."""
        self.next_character()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError) as error:
                if self._fill():
                    continue
                if isinstance(error, RecursionError):
                    raise json.JSONDecodeError("it is nested too deeply", "", 0) from error
                raise
            raw, self._at = self._text[self._at : end], end
            return raw, value

    def _fill(self) -> bool:
        more = self._source.read(max(_CHUNK, len(self._text)))
        self._text += more
        return bool(more)


def _parsed(line: str) -> Any:
    try:
        return _DECODER.decode(line.strip())
    except (json.JSONDecodeError, RecursionError):
        return None


def _text(cell: Any) -> str | None:
    """A cell's text; null and an empty list are absent."""
    if cell is None or cell == []:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, _Number):
        whole, _, fraction = cell.partition(".")
        return whole if fraction and not fraction.strip("0") else str(cell)
    if isinstance(cell, str):
        return valid_text(cell)
    return valid_text(as_json(_plain(cell)) if _is_nested(cell) else joined(cell))


def _is_nested(cell: Any) -> bool:
    is_list_of_texts = isinstance(cell, list) and all(type(item) is str for item in cell)
    return isinstance(cell, dict | list) and not is_list_of_texts


def _plain(value: Any) -> Any:
    """The value with numbers as numbers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return json.loads(value) if isinstance(value, _Number) else value
