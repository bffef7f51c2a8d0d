"""Rows that are buffered on disk, in numbered buckets, until they are needed again."""

from collections import Counter
from pathlib import Path

import polars as pl


class DiskBuffer:
    """Buckets of rows of one schema, in a new folder; the rows of a bucket keep the order in which they were added."""

    def __init__(self, folder: Path, schema: pl.Schema):
        self._folder = folder
        self._schema = schema
        self._files: Counter[int] = Counter()
        folder.mkdir()

    def add(self, bucket: int, rows: pl.DataFrame) -> None:
        """Add `rows`, which may have more columns, to a bucket."""
        rows.select(*self._schema).write_ipc(self._file(bucket, self._files[bucket]), compression="lz4")
        self._files[bucket] += 1

    def read(self, bucket: int) -> pl.DataFrame:
        """The rows of a bucket; none if nothing was added to it."""
        files = (self._file(bucket, number) for number in range(self._files[bucket]))
        return pl.concat([pl.DataFrame(schema=self._schema), *(pl.read_ipc(file) for file in files)])

    def buckets(self) -> list[int]:
        """The numbers of the buckets, in order."""
        return sorted(self._files)

    def _file(self, bucket: int, number: int) -> Path:
        return self._folder / f"{bucket}-{number}.arrow"
