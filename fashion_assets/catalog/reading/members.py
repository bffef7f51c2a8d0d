"""Members of nested cells as columns of their own: `images.large` of `{"images": [{"large": "a.jpg"}, ...]}`.

A table's columns stay as they are; a member is a column where the shop's rules name it, and where one looks for what
its columns mean. Of several objects in a list, the members are joined as a list is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from fashion_assets.catalog.reading.table import RawPart, SourceTable, as_json, joined, text_series, valid_text

SEPARATOR = "."

DEEPEST = 5
"""Objects in objects; what lies deeper stays JSON. Answers of shops' interfaces have two or three levels."""

MOST = 200
"""Members of a nested column that are offered; an object whose keys are data may have any number."""


def member_names(column: str, cells: pl.Series) -> tuple[str, ...]:
    """The members that the JSON texts of the nested `column` have, as `column.member`, at most MOST in order."""
    names: dict[str, None] = {}
    for text in cells.drop_nulls():
        names |= dict.fromkeys(_members(column, text))
        if len(names) >= MOST:
            break
    return tuple(names)[:MOST]


def parent_of(name: str, nested: Iterable[str]) -> str | None:
    """The nested column of which `name` is a member."""
    return next((column for column in nested if name.startswith(column + SEPARATOR)), None)


def with_members(table: SourceTable, names: Iterable[str]) -> SourceTable:
    """The table with those of the `names` as further columns that are members of its nested columns.

    A member that no row of the table's first part has is no column.
    """
    candidates = {
        name: parent for name in names if name not in table.columns and (parent := parent_of(name, table.nested))
    }
    if not candidates:
        return table
    first = next(table.parts(), None)
    if first is None:
        return table
    filled = _columns(first.fields, candidates)
    parents = {column.name: candidates[column.name] for column in filled if column.null_count() < len(column)}
    columns = (*table.columns, *parents)

    def read_parts(rows: int) -> Iterator[RawPart]:
        for part in table.read_parts(rows):
            yield replace(part, fields=part.fields.with_columns(_columns(part.fields, parents)).select(columns))

    return replace(table, columns=columns, read_parts=read_parts)


def _columns(fields: pl.DataFrame, parents: Mapping[str, str]) -> list[pl.Series]:
    """A column for each of the names in `parents`, from the cells of its parent."""
    columns = []
    for parent in dict.fromkeys(parents.values()):
        cells = [{} if text is None else _members(parent, text) for text in fields[parent]]
        names = [name for name in parents if parents[name] == parent]
        columns += [text_series([members.get(name) for members in cells], name) for name in names]
    return columns


def _members(column: str, text: str) -> dict[str, str]:
    """The text of each member of a cell, by its name."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):  # a text among objects, as XML may have
        return {}
    texts: dict[str, list[str]] = {}
    for name, leaf in _leaves(column, value, DEEPEST):
        texts.setdefault(name, []).append(leaf)
    texts.pop(column, None)
    return {name: joined(leaves) for name, leaves in texts.items()}


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, list) and depth:
        for item in value:
            yield from _leaves(name, item, depth - 1 if isinstance(item, list) else depth)
    elif isinstance(value, dict) and depth:
        for key, item in value.items():
            yield from _leaves(f"{name}{SEPARATOR}{valid_text(key)}", item, depth - 1)
    elif value is not None and value != "":
        yield name, _text(value)


def _text(value: Any) -> str:
    return valid_text(value) if isinstance(value, str) else as_json(value)
