"""The answers of an index version to many queries: products by rank, by vectors alone and as served."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import SearchError
from fashion_assets.search.index.versions import INDEXES, index_facts
from fashion_assets.search.query.candidates import Candidates, answers, nearest
from fashion_assets.search.query.expansion import ExpandedQuery
from fashion_assets.search.query.filters import excluding
from fashion_assets.search.query.ranking import Ranking, rank_by_each
from fashion_assets.search.query.search import as_read, find_candidates_of_each
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np
    from lancedb.table import Table

    from fashion_assets.models.clip.text_vectors import TextEncoder
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

    Rankings by as many candidates share those of a text that they read alike, as most texts are in the catalog's own
    words, to which expansion adds nothing. Raises SearchError as `embed_queries` does.
    """
    ranked: dict[str, pl.DataFrame] = {}
    by_count = sorted(rankings.items(), key=lambda named: named[1].candidates)
    for count, alike in groupby(by_count, key=lambda named: named[1].candidates):
        of_count = dict(alike)
        read = {name: [as_read(text, of_count[name], taxonomy, language) for text in texts] for name in of_count}
        queries = {_key(query): query for of_ranking in read.values() for query in of_ranking}
        keys = {name: {_key(query) for query in of_ranking} for name, of_ranking in read.items()}
        wanted_by = {key: [name for name in of_count if key in keys[name]] for key in queries}
        hits: dict[tuple[_Key, str], list[Hit]] = {}
        for key, vector, candidates in _candidates(table, encoder, queries, count, index, excluded_ids, taxonomy):
            chosen = [of_count[name] for name in wanted_by[key]]
            ordered = rank_by_each(queries[key], vector, candidates, chosen, DEPTH, taxonomy, language)
            hits |= {(key, name): of_name for name, of_name in zip(wanted_by[key], ordered, strict=True)}
        ranked |= {name: _rows([hits[_key(query), name] for query in read[name]]) for name in of_count}
    return {name: ranked[name] for name in rankings}


_Key = tuple[str, tuple[str, ...]]


def _key(query: ExpandedQuery) -> _Key:
    """What a search for the query depends on."""
    return query.text, query.terms


def _candidates(
    table: Table,
    encoder: TextEncoder,
    queries: Mapping[_Key, ExpandedQuery],
    count: int,
    index: str,
    excluded_ids: Collection[int],
    taxonomy: Taxonomy,
) -> Iterator[tuple[_Key, np.ndarray, Candidates]]:
    """Each query with its vector and candidates; those of QUERIES_AT_A_TIME are in memory at once."""
    vectors = embed_queries(table, encoder, [query.text for query in queries.values()])
    for start in range(0, len(queries), QUERIES_AT_A_TIME):
        part = list(queries.items())[start : start + QUERIES_AT_A_TIME]
        their_vectors = vectors[start : start + QUERIES_AT_A_TIME]
        candidates = find_candidates_of_each(
            table,
            [query for _, query in part],
            their_vectors,
            count,
            index=index,
            excluded_ids=excluded_ids,
            taxonomy=taxonomy,
        )
        yield from zip([key for key, _ in part], their_vectors, candidates, strict=True)


def _rows(hits_of_queries: Sequence[Sequence[Hit]]) -> pl.DataFrame:
    rows = [
        (query, place, hit.product_id, hit.why.ranking_score)
        for query, hits in enumerate(hits_of_queries)
        for place, hit in enumerate(hits, start=1)
    ]
    return pl.DataFrame(rows, schema=RANKING, orient="row")
