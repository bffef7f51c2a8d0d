"""Many queries at a time find what a search for each finds."""

import numpy as np
import pytest

from fashion_assets.search.offline import ranking
from fashion_assets.search.offline.ranking import DEPTH, RANKING, rank_by_vectors
from fashion_assets.search.query.search import search_vector
from fashion_assets_tests.factories.embedding_rows import random_rows, without_photos

INDEX = "vs_image_search"


@pytest.mark.parametrize("excluded_ids", [set(), {2, 3, 5, 7}])
@pytest.mark.parametrize("queries", [1, 4, 5, 10])
def test_each_query_finds_what_a_search_finds(open_index, monkeypatch, queries, excluded_ids):
    monkeypatch.setattr(ranking, "QUERIES_AT_A_TIME", 4)
    rows = random_rows(100)
    table, vectors = open_index(without_photos(rows, 1, 2)), np.stack(rows["text_embedding"].to_numpy())[:queries]
    found = rank_by_vectors(table, vectors, INDEX, excluded_ids)
    assert found.schema == RANKING
    assert found.rows() == [
        (query, place, hit.product_id, hit.score)
        for query, vector in enumerate(vectors)
        for place, hit in enumerate(
            search_vector(table, vector, index=INDEX, excluded_ids=excluded_ids, limit=DEPTH), start=1
        )
    ]


def test_no_query_finds_nothing(red_table):
    found = rank_by_vectors(red_table, np.empty((0, 4)), INDEX)
    assert found.schema == RANKING
    assert found.is_empty()
