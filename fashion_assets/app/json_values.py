"""Results as JSON values: how typed results become what `--json` prints and a server would send."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

import polars as pl


@runtime_checkable
class HasDict(Protocol):
    """A result that defines its own JSON form."""

    def as_dict(self) -> object: ...


def json_ready(value: object) -> object:
    """`value` as dicts, lists, strings, numbers, Booleans and None.

    Objects with `as_dict()` define their own form; other dataclasses become their fields, data frames their rows. NaN
    becomes None, because JSON has no NaN; other types (times, paths) become strings.
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
