"""Results as JSON: every kind of value that they hold, and results that decide themselves."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import polars as pl

from fashion_assets.app.json_values import json_ready


class Word(Enum):
    YES = "yes"


@dataclass(frozen=True)
class Inner:
    word: Word
    share: float


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    hidden: str

    def as_dict(self):
        return {"own": self.inner}


def test_every_value_becomes_what_json_has():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    value = {
        "nested": Outer((Inner(Word.YES, math.nan), Inner(Word.YES, 0.5)), "not told"),
        "frame": pl.DataFrame({"a": [1, None], "b": [["x"], []]}),
        "series": pl.Series([1, 2]),
        "at": at,
        "file": Path("a/b"),
        7: True,
    }
    assert json.loads(json.dumps(json_ready(value))) == {
        "nested": {"own": [{"word": "yes", "share": None}, {"word": "yes", "share": 0.5}]},
        "frame": [{"a": 1, "b": ["x"]}, {"a": None, "b": []}],
        "series": [1, 2],
        "at": "2026-01-01 00:00:00+00:00",
        "file": "a/b",
        "7": True,
    }
