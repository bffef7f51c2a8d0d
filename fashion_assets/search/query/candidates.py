"""The queries to LanceDB: the rows nearest to a vector, the rows that contain the words, and both for ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import polars as pl

from fashion_assets.models.clip.vectors import normalise
from fashion_assets.search.index.versions import INDEXES, SEARCHED_TEXT
from fashion_assets.search.index.words import words_column
from fashion_assets.search.query.boosts import named_columns
from fashion_assets.search.query.hits import hit_columns
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from lancedb.expr import Expr
    from lancedb.query import LanceQueryBuilder, LanceVectorQueryBuilder
    from lancedb.table import Table

REFINE_FACTOR = 3
"""Candidates per requested row whose exact distance is computed: corrects the 8-bit rounding of the stored index."""

MIN_EF = 200
"""Breadth of the search in the index's graph; 100 is half a millisecond faster and misses more under a filter (0.003
instead of 0.001 of the 20 nearest among 44,424)."""

GRAPHS_SEARCHED = 1_000
"""All graphs of a column (one per VECTORS_IN_A_GRAPH rows): skipping one could miss the nearest rows."""


@dataclass(frozen=True)
class Candidates:
    """`rows` (n) with their unit `vectors` (n, d), each product once, and the BM25 `text_scores` by product id, best
    first, of the products that the full-text query found."""

    rows: list[dict]
    vectors: np.ndarray
    text_scores: dict[int, float]


def candidates(
    table: Table,
    vector: np.ndarray,
    terms: Sequence[str],
    index: str,
    condition: Expr | None,
    count: int,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> Candidates:
    """The `count` rows nearest to `vector` (d,) in `index`, and the `count` with most of `terms` and a vector
    there. `index` is one of SEARCHED_TEXT."""
    import numpy as np
    import pyarrow as pa

    vector_column, text_column = INDEXES[index], SEARCHED_TEXT[index]
    row_columns = list(dict.fromkeys((*hit_columns(table.schema.names), *named_columns(taxonomy))))
    columns = [*row_columns, vector_column]
    near = where(nearest(table, vector, vector_column, count), condition).select([*columns, "_distance"]).to_arrow()
    parts = [near.select(columns)]
    text_scores: dict[int, float] = {}
    if terms:
        words = containing(table, terms, searched_column(table, text_column), count)
        worded = where(words, condition).select([*columns, "_score"]).to_arrow()
        worded = worded.filter(worded[vector_column].is_valid())
        ids, scores = worded["product_id"].to_pylist(), worded["_score"].to_pylist()
        text_scores = dict(sorted(zip(ids, scores, strict=True), key=lambda pair: (-pair[1], pair[0])))
        nearest_ids = set(near["product_id"].to_pylist())
        parts.append(
            worded.select(columns).filter(pa.array([product_id not in nearest_ids for product_id in ids], pa.bool_()))
        )
    rows = pa.concat_tables(parts)
    vectors = np.array(_matrix(rows[vector_column], len(vector)))
    return Candidates(rows.select(row_columns).to_pylist(), normalise(vectors), text_scores)


def nearest(table: Table, vector: np.ndarray, vector_column: str, limit: int) -> LanceVectorQueryBuilder:
    """LanceDB's query, without filters, for the `limit` rows nearest to `vector` (d,) by the index of `vector_column`.

    Several vectors (n, d) are several queries in one; `answers` separates their results.
    """
    import numpy as np

    query = table.search(vector.astype(np.float32), vector_column_name=vector_column)
    return (
        cast("LanceVectorQueryBuilder", query)  # of a search by vector, as LanceDB's types do not say
        .distance_type("cosine")
        .nprobes(GRAPHS_SEARCHED)
        .refine_factor(REFINE_FACTOR)
        .ef(max(MIN_EF, REFINE_FACTOR * limit))  # less is an error in LanceDB
        .limit(limit)
    )


def answers(query: LanceQueryBuilder) -> pl.DataFrame:
    """The results of `nearest`: `query_index` (from 0), `product_id` and `_distance`, nearest first per query."""
    rows = pl.DataFrame(query.select(["product_id", "_distance"]).to_arrow())
    # LanceDB numbers the queries only if there are several.
    return rows if "query_index" in rows.columns else rows.with_columns(query_index=pl.lit(0))


def containing(table: Table, terms: Sequence[str], text_column: str, limit: int) -> LanceQueryBuilder:
    """LanceDB's full-text query for the `limit` rows with most of `terms`: plain words, no query syntax."""
    from lancedb.query import MatchQuery

    match = MatchQuery(" ".join(terms), text_column)  # pyright: ignore[reportCallIssue]: defaults are pydantic fields
    return table.search(match, query_type="fts").limit(limit)


def where(query: LanceQueryBuilder, condition: Expr | None) -> LanceQueryBuilder:
    """`query` for the rows that pass `condition`."""
    return query if condition is None else query.where(condition)


def searched_column(table: Table, text_column: str) -> str:
    """The indexed words of `text_column`; the text itself in versions that were built before words were folded."""
    folded = words_column(text_column)
    return folded if folded in table.schema.names else text_column


def _matrix(column: pa.ChunkedArray, dimension: int) -> np.ndarray:
    return column.combine_chunks().flatten().to_numpy().reshape(-1, dimension)
