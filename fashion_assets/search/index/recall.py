"""Measurements that decide whether a built index is promoted: recall, ids compared with the source's, query time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.search.index.versions import indexed_ids, without
from fashion_assets.search.query.candidates import answers, nearest

if TYPE_CHECKING:
    import numpy as np
    from lancedb.table import Table

SAME_DISTANCE = 1e-5
"""Distances this near to each other are ties: products with equal photos or texts have no order among themselves."""

SAMPLE_IDS = 5


def recall_at(table: Table, vector_column: str, k: int = 20, queries: int = 100, seed: int = 0) -> float:
    """The share (0..1) of the exact `k` nearest neighbours that the index finds, over a sample of its own vectors.

    Ties count as found: a row as near as the exact k-th neighbour is as good. 1.0 if the column has no vector.
    """
    sample = _sample(table, vector_column, queries, seed)
    if not len(sample):
        return 1.0
    # All at once: exact search then reads the vectors once, not once per query.
    exact = answers(nearest(table, sample, vector_column, k).bypass_vector_index())
    approximate = answers(nearest(table, sample, vector_column, k))
    farthest = exact.group_by("query_index").agg(farthest=pl.col("_distance").max())
    is_found = pl.col("_distance") <= pl.col("farthest") + SAME_DISTANCE
    return len(approximate.join(farthest, on="query_index").filter(is_found)) / len(exact)


def query_milliseconds(table: Table, vector_column: str, k: int = 20, queries: int = 20, seed: int = 0) -> float:
    """The median milliseconds of a search for `k` rows, without embedding the query; 0 without vectors."""
    import numpy as np

    times = []
    for vector in _sample(table, vector_column, queries, seed):
        start = time.perf_counter()
        nearest(table, vector, vector_column, k).select(["product_id", "_distance"]).to_arrow()
        times.append((time.perf_counter() - start) * 1000)
    return float(np.median(times)) if times else 0.0


@dataclass(frozen=True)
class IdsComparison:
    """How the index's product ids differ from the expected ones: counts, and the first few of each."""

    missing: int
    extra: int
    first_missing: tuple[int, ...]
    first_extra: tuple[int, ...]

    @property
    def is_match(self) -> bool:
        return not self.missing and not self.extra


def compare_ids(table: Table, expected_ids: pl.Series | Sequence[int]) -> IdsComparison:
    """The index's product ids against `expected_ids`."""
    present, expected = indexed_ids(table), pl.Series(expected_ids, dtype=pl.Int64)
    missing, extra = without(expected, present), without(present, expected)
    return IdsComparison(len(missing), len(extra), tuple(missing.head(SAMPLE_IDS)), tuple(extra.head(SAMPLE_IDS)))


def _sample(table: Table, vector_column: str, queries: int, seed: int) -> np.ndarray:
    """Vectors (n, d) of `queries` random rows, without rows that have none."""
    import numpy as np

    rows = table.count_rows()
    chosen = np.random.default_rng(seed).permutation(rows)[:queries]
    vectors = table.take_offsets(sorted(chosen.tolist())).select([vector_column]).to_arrow()[vector_column]
    return np.array([vector for vector in vectors.to_pylist() if vector is not None], dtype=np.float32)
