"""Running totals over rows that arrive in parts: the count of each group, and the first rows of each."""

from collections.abc import Sequence

import polars as pl


class Counts:
    """The number of rows per combination of the columns `by`: `rows` has these columns and `count`."""

    def __init__(self, *by: str):
        self._by = by
        self._rows: pl.DataFrame | None = None

    @property
    def rows(self) -> pl.DataFrame:
        """The counts so far; there must have been an `add`, whose frame decides the schema."""
        assert self._rows is not None
        return self._rows

    def add(self, rows: pl.DataFrame) -> None:
        new = rows.group_by(self._by).agg(count=pl.len())
        self._rows = new if self._rows is None else pl.concat([self._rows, new]).group_by(self._by).agg(pl.sum("count"))


class Leading:
    """The first `most` rows of each value of `by`, by the `order` of their columns, nulls last: `rows`, in that order.

    Only these are kept from part to part.
    """

    def __init__(self, by: str, most: int, order: Sequence[str], descending: Sequence[bool] | bool = False):
        self._by, self._most = by, most
        self._order, self._descending = order, descending
        self._rows: pl.DataFrame | None = None

    @property
    def rows(self) -> pl.DataFrame:
        """The rows kept so far; there must have been an `add`, whose frame decides the schema."""
        assert self._rows is not None
        return self._rows

    def add(self, rows: pl.DataFrame) -> None:
        rows = rows if self._rows is None else pl.concat([self._rows, rows])
        ordered = rows.sort(self._order, descending=self._descending, nulls_last=True)
        self._rows = ordered.filter(pl.int_range(pl.len()).over(self._by) < self._most)
