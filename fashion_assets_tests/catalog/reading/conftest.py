from collections.abc import Callable
from pathlib import Path

import pytest

from fashion_assets.catalog.reading import TableFormat, open_table


class Contents:
    """All of a table, for comparing: columns, notes, and cells, raw lines, numbers and problems by row."""

    def __init__(self, path: Path, table_format: TableFormat = TableFormat(), rows: int = 20_000, **names: str):  # noqa: B008
        self.table = open_table(path, table_format, **names)
        self.parts = list(self.table.parts(rows))
        self.columns, self.notes = self.table.columns, self.table.notes
        assert all(part.fields.columns == list(self.columns) for part in self.parts)
        self.rows = [row for part in self.parts for row in part.fields.rows()]
        self.raws = [raw for part in self.parts for raw in part.raw_lines]
        self.numbers = [number for part in self.parts for number in part.line_numbers]
        self.problems = [problem for part in self.parts for problem in part.problems]

    def of(self, column: str) -> list[str | None]:
        return [value for part in self.parts for value in part.fields[column]]


@pytest.fixture
def load(write) -> Callable[..., Contents]:
    """Writes a file, unless a path is given, and reads it."""

    def load(content: str | bytes | Path, *args, name: str = "source.csv", **options) -> Contents:
        return Contents(content if isinstance(content, Path) else write(content, name), *args, **options)

    return load
