"""The answers of an index version to many queries: products by rank, by vectors alone and as served."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import SearchError
from fashion_assets.search.index.versions import INDEXES, index_facts
from fashion_assets.search.query.candidates import answers, nearest
from fashion_assets.search.query.filters import excluding
from fashion_assets.search.query.ranking import Ranking
from fashion_assets.search.query.ranking import rank as in_order
from fashion_assets.search.query.search import as_read, find_candidates_of_each
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np
    from lancedb.table import Table

    from fashion_assets.search.offline.query_vectors import TextEncoder
    from fashion_assets.search.query.hits import Hit

DEPTH = 20
"""Ranks that are used: the first 10 are scored, the 20th bounds the spread of scores."""

QUERIES_AT_A_TIME = 100
RANKING = pl.Schema({"query": pl.Int64, "rank": pl.Int64, "product_id": pl.Int64, "score": pl.Float64})


def embed_queries(table: Table, encoder: TextEncoder, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors (texts, dimension); raises SearchError unless `encoder` is the model that made the index."""
    import numpy as np

    facts = index_facts(table)
    if facts.embedding_model != encoder.model_id:
        raise SearchError(
            value=f"The queries would be embedded by '{encoder.model_id}'",
            rule=(
                f"the index holds vectors of '{facts.embedding_model}', and only one model's vectors can be compared"
            ),
            remedy="load that model or re-embed",
        )
    return encoder.embed_texts(texts) if texts else np.empty((0, facts.embedding_dimension), dtype=np.float32)


def rank_by_vectors(table: Table, vectors: np.ndarray, index: str, excluded_ids: Collection[int] = ()) -> pl.DataFrame:
    """RANKING rows by vectors alone: the DEPTH nearest to each of `vectors` (queries, dimension), numbered from 0."""
    parts = [pl.DataFrame(schema=RANKING)]
    for start in range(0, len(vectors), QUERIES_AT_A_TIME):
        query = nearest(table, vectors[start : start + QUERIES_AT_A_TIME], INDEXES[index], DEPTH)
        if excluded_ids:
            query = query.where(excluding(excluded_ids))
        parts.append(
            answers(query).select(
                query=pl.col("query_index").cast(pl.Int64) + start,
                rank=pl.int_range(1, pl.len() + 1).over("query_index"),
                product_id="product_id",
                score=1 - pl.col("_distance").cast(pl.Float64),
            )
        )
    return pl.concat(parts)


def rank_texts(
    table: Table,
    encoder: TextEncoder,
    texts: Sequence[str],
    index: str,
    rankings: Mapping[str, Ranking],
    excluded_ids: Collection[int] = (),
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    language: Language = SHIPPED.language,
) -> dict[str, pl.DataFrame]:
    """RANKING rows for each of `rankings`, by its name: the DEPTH best for each of `texts`, numbered from 0.

    Rankings that expand a text in the same way share its candidates. Raises SearchError as `embed_queries` does.
    """
    hits_of: dict[str, list[list[Hit]]] = {name: [] for name in rankings}
    by_reading = sorted(rankings.items(), key=lambda named: named[1].is_expanding)
    for _, alike in groupby(by_reading, key=lambda named: named[1].is_expanding):
        of_reading = dict(alike)
        first, count = next(iter(of_reading.values())), max(ranking.candidates for ranking in of_reading.values())
        queries = [as_read(text, first, taxonomy, language) for text in texts]
        vectors = embed_queries(table, encoder, [query.text for query in queries])
        for start in range(0, len(queries), QUERIES_AT_A_TIME):
            part, their_vectors = queries[start:][:QUERIES_AT_A_TIME], vectors[start:][:QUERIES_AT_A_TIME]
            candidates = find_candidates_of_each(
                table, part, their_vectors, count, index=index, excluded_ids=excluded_ids, taxonomy=taxonomy
            )
            for query, vector, of_query in zip(part, their_vectors, candidates, strict=True):
                for name, ranking in of_reading.items():
                    hits_of[name].append(in_order(query, vector, of_query, ranking, DEPTH, taxonomy, language))
    return {name: _rows(hits) for name, hits in hits_of.items()}


def _rows(hits_of_queries: Sequence[Sequence[Hit]]) -> pl.DataFrame:
    rows = [
        (query, place, hit.product_id, hit.why.ranking_score)
        for query, hits in enumerate(hits_of_queries)
        for place, hit in enumerate(hits, start=1)
    ]
    return pl.DataFrame(rows, schema=RANKING, orient="row")
