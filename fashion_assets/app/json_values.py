"""Results as values that JSON has: the one way from typed results to what `--json` prints and a server would send."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

import polars as pl


@runtime_checkable
class HasDict(Protocol):
    """A result that decides itself what goes into JSON."""

    def as_dict(self) -> object: ...


def json_ready(value: object) -> object:
    """`value` as dicts, lists, texts, numbers, Booleans and None.

    An object that has `as_dict()` decides itself; other dataclasses are their fields, frames their rows. NaN becomes
    None, which is what JSON has for it; what else JSON does not know (times, paths) becomes its text.
    """
    if isinstance(value, HasDict):
        return json_ready(value.as_dict())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: json_ready(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, pl.DataFrame):
        return [json_ready(row) for row in value.iter_rows(named=True)]
    if isinstance(value, Mapping):
        return {str(name): json_ready(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset | pl.Series):
        return [json_ready(entry) for entry in value]
    if isinstance(value, Enum):
        return json_ready(value.value)
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return value if value is None or isinstance(value, str | int) else str(value)
