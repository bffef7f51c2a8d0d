"""What is kept of rows that come in parts: how many each group has, and the first of each."""

from collections.abc import Sequence

import polars as pl


class Counts:
    """How many rows have each combination of the columns `by`: `rows` has these columns and `count`."""

    def __init__(self, *by: str):
        self._by = by
        self.rows: pl.DataFrame | None = None

    def add(self, rows: pl.DataFrame) -> None:
        new = rows.group_by(self._by).agg(count=pl.len())
        self.rows = new if self.rows is None else pl.concat([self.rows, new]).group_by(self._by).agg(pl.sum("count"))


class Leading:
    """The first `most` rows of each value of `by`, by the `order` of their columns, nulls last: `rows`, in that order.

    Only these are held from part to part.
    """

    def __init__(self, by: str, most: int, order: Sequence[str], descending: Sequence[bool] | bool = False):
        self._by, self._most = by, most
        self._order, self._descending = order, descending
        self.rows: pl.DataFrame | None = None

    def add(self, rows: pl.DataFrame) -> None:
        rows = rows if self.rows is None else pl.concat([self.rows, rows])
        ordered = rows.sort(self._order, descending=self._descending, nulls_last=True)
        self.rows = ordered.filter(pl.int_range(pl.len()).over(self._by) < self._most)
