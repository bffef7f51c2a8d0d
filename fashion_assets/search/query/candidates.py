"""The queries to LanceDB: the rows nearest to a vector, the rows that contain the words, and both for ranking."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
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
    from lancedb.table import LanceTable, Table

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
    column = searched_column(table, SEARCHED_TEXT[index])
    scores = _scores_of_words(table, terms, column, condition, count) if terms else {}
    return _with_rows(table, vector[None], [scores], index, condition, count, taxonomy)[0]


def candidates_of_each(
    table: Table,
    vectors: np.ndarray,
    terms: Sequence[Sequence[str]],
    index: str,
    condition: Expr | None,
    count: int,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> list[Candidates]:
    """The `candidates` of each of `vectors` (queries, d) with its `terms`.

    The vectors are searched for together, and a row that several queries share is fetched once: 200 queries among 3,000
    products take 3 ms of CPU each instead of 18, of which the full-text query is 2, or 1 without a `condition`.
    """
    column = searched_column(table, SEARCHED_TEXT[index])
    if condition is None:
        scores = _scores_of_each(table, terms, column, count)
    else:
        scores = [_scores_of_words(table, words, column, condition, count) if words else {} for words in terms]
    return _with_rows(table, vectors, scores, index, condition, count, taxonomy)


def _with_rows(
    table: Table,
    vectors: np.ndarray,
    scores: Sequence[Mapping[int, float]],
    index: str,
    condition: Expr | None,
    count: int,
    taxonomy: Taxonomy,
) -> list[Candidates]:
    """The rows near to each of `vectors` and those with `scores` (by LanceDB's row id, for each of them)."""
    near = _row_ids_near(table, vectors, INDEXES[index], condition, count)
    fetched = _fetch(table, {*chain.from_iterable(near), *chain.from_iterable(scores)}, INDEXES[index], taxonomy)
    return [fetched.candidates(*of_query) for of_query in zip(near, scores, strict=True)]


def _row_ids_near(
    table: Table, vectors: np.ndarray, vector_column: str, condition: Expr | None, count: int
) -> list[list[int]]:
    """LanceDB's ids of the `count` rows nearest to each of `vectors` (queries, d), nearest first."""
    query = where(nearest(table, vectors, vector_column, count), condition).with_row_id(True).select(["_distance"])
    rows = numbered(pl.DataFrame(query.to_arrow()))
    of_query = {query: ids["_rowid"].to_list() for (query,), ids in rows.group_by("query_index", maintain_order=True)}
    return [of_query.get(query, []) for query in range(len(vectors))]


def _scores_of_words(
    table: Table, terms: Sequence[str], text_column: str, condition: Expr | None, count: int
) -> dict[int, float]:
    """BM25 by LanceDB's row id, in LanceDB's order, of the `count` rows with most of `terms`."""
    query = where(containing(table, terms, text_column, count), condition).with_row_id(True).select(["_score"])
    return _by_row_id(query.to_arrow())


def _scores_of_each(
    table: Table, terms: Sequence[Sequence[str]], text_column: str, count: int
) -> list[dict[int, float]]:
    """What `_scores_of_words` finds for each of `terms`; nothing for no terms.

    LanceDB answers a single query in an event loop of its own thread, and waking that takes as long as the answer. So
    these share one loop, in a thread as well, because the caller's may have a running one, as in a notebook.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _ask_for_each(table, terms, text_column, count)).result()


async def _ask_for_each(
    table: Table, terms: Sequence[Sequence[str]], text_column: str, count: int
) -> list[dict[int, float]]:
    import lancedb
    from lancedb.query import MatchQuery

    place, _, name = cast("LanceTable", table).uri.rpartition("/")
    pinned = await (await lancedb.connect_async(place)).open_table(name.removesuffix(".lance"))
    await pinned.checkout(table.version)

    async def ask(words: Sequence[str]) -> dict[int, float]:
        if not words:
            return {}
        match = MatchQuery(" ".join(words), text_column)  # pyright: ignore[reportCallIssue]: defaults, as in `containing`
        query = pinned.query().nearest_to_text(match).with_row_id().select(["_score"]).limit(count)
        return _by_row_id(await query.to_arrow())

    return [await ask(words) for words in terms]


def _by_row_id(rows: pa.Table) -> dict[int, float]:
    return dict(zip(rows["_rowid"].to_pylist(), rows["_score"].to_pylist(), strict=True))


@dataclass(frozen=True)
class _Fetched:
    """Rows with a vector (n), their unit `vectors` (n, d), and the place of each by LanceDB's row id."""

    rows: list[dict]
    vectors: np.ndarray
    place: dict[int, int]

    def candidates(self, near: Sequence[int], scores: Mapping[int, float]) -> Candidates:
        """Those of one query: first the rows that are `near`, then the others with `scores`, both by row id."""
        places = [self.place[row_id] for row_id in dict.fromkeys([*near, *scores]) if row_id in self.place]
        ids = {row_id: self.rows[self.place[row_id]]["product_id"] for row_id in scores if row_id in self.place}
        best_first = sorted(ids, key=lambda row_id: (-scores[row_id], ids[row_id]))
        return Candidates(
            [self.rows[place] for place in places],
            self.vectors[places],
            {ids[row_id]: scores[row_id] for row_id in best_first},
        )


def _fetch(table: Table, row_ids: Collection[int], vector_column: str, taxonomy: Taxonomy) -> _Fetched:
    import numpy as np

    columns = list(dict.fromkeys((*hit_columns(table.schema.names), *named_columns(taxonomy))))
    taken = table.take_row_ids(sorted(row_ids)).select([*columns, vector_column]).with_row_id().to_arrow()
    taken = taken.filter(taken[vector_column].is_valid())
    dimension = table.schema.field(vector_column).type.list_size
    vectors = np.array(taken[vector_column].combine_chunks().flatten().to_numpy().reshape(-1, dimension))
    place = {row_id: place for place, row_id in enumerate(taken["_rowid"].to_pylist())}
    return _Fetched(taken.select(columns).to_pylist(), normalise(vectors), place)


def nearest(table: Table, vector: np.ndarray, vector_column: str, limit: int) -> LanceVectorQueryBuilder:
    """LanceDB's query, without filters, for the `limit` rows nearest to `vector` (d,) by the index of `vector_column`.

    Several vectors (n, d) are several queries in one; `numbered` separates their results.
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
    return numbered(pl.DataFrame(query.select(["product_id", "_distance"]).to_arrow()))


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Results of `nearest` with `query_index`: LanceDB numbers the queries only if there are several."""
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
