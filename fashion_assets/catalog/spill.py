"""Rows that are put aside on disk, in numbered heaps, until they are wanted again."""

from collections import Counter
from pathlib import Path

import polars as pl


class Spill:
    """Heaps of rows of one schema in a folder that is made for them; the rows of a heap stay in the order of adding."""

    def __init__(self, folder: Path, schema: pl.Schema):
        self._folder = folder
        self._schema = schema
        self._files: Counter[int] = Counter()
        folder.mkdir()

    def add(self, heap: int, rows: pl.DataFrame) -> None:
        """Add `rows`, which may have more columns, to a heap."""
        rows.select(*self._schema).write_ipc(self._file(heap, self._files[heap]), compression="lz4")
        self._files[heap] += 1

    def read(self, heap: int) -> pl.DataFrame:
        """The rows of a heap; none of one that nothing was added to."""
        files = (self._file(heap, number) for number in range(self._files[heap]))
        return pl.concat([pl.DataFrame(schema=self._schema), *(pl.read_ipc(file) for file in files)])

    def heaps(self) -> list[int]:
        """The numbers of the heaps, in order."""
        return sorted(self._files)

    def _file(self, heap: int, number: int) -> Path:
        return self._folder / f"{heap}-{number}.arrow"
