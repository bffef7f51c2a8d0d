"""Many queries at a time find what a search for each finds."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.offline import ranking
from fashion_assets.search.offline.ranking import DEPTH, RANKING, rank_by_vectors, rank_texts
from fashion_assets.search.query.ranking import Ranking, served_rankings
from fashion_assets.search.query.search import DEFAULT_INDEX, search, search_vector
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories.embedding_rows import random_rows, without_photos

INDEX = "vs_image_search"
TEXTS = ("red shirt", "blue plaid dress", "GREEN shirts for men", "shirt", "white", "yellow dress", "?!")


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


@pytest.fixture
def varied(open_index):
    """90 products in five colours, a third of them dresses, no two with equal vectors or texts of equal length; some
    without a photo."""
    colors = ["red", "blue", "green", "white", "yellow"] * 18
    articles = ["dress", "shirt", "shirt"] * 30
    rows = random_rows(
        90,
        dimension=FakeEncoder.dimension,
        base_color=[color.title() for color in colors],
        article_type=["Dresses" if article == "dress" else "Shirts" for article in articles],
        embedded_text=[
            f"{color} {article}{' of cotton' * number}"
            for number, (color, article) in enumerate(zip(colors, articles, strict=True))
        ],
    )
    return open_index(without_photos(rows, 1, 2, 7))


@pytest.mark.parametrize("excluded_ids", [set(), {2, 3, 5, 7}])
@pytest.mark.parametrize("count", [DEPTH, 30, 200])
def test_many_texts_find_what_a_search_for_each_finds(varied, monkeypatch, count, excluded_ids):
    monkeypatch.setattr(ranking, "QUERIES_AT_A_TIME", 3)
    served = served_rankings(SHIPPED.taxonomy)[DEFAULT_INDEX]
    rankings = {
        "served": replace(served, candidates=count),
        "by text": replace(served, candidates=count, text_weight=1.0, boosts=()),
        "as typed": Ranking(candidates=count, is_expanding=False, diversity_trade_off=1.0),
    }
    ranked = rank_texts(varied, FakeEncoder(), TEXTS, DEFAULT_INDEX, rankings, excluded_ids)
    for name, of_ranking in rankings.items():
        for query, text in enumerate(TEXTS):
            by_index = {DEFAULT_INDEX: of_ranking}
            hits = search(varied, FakeEncoder(), text=text, rankings=by_index, excluded_ids=excluded_ids, limit=DEPTH)
            of_query = ranked[name].filter(query=query)
            assert of_query["rank"].to_list() == list(range(1, len(hits) + 1))
            assert of_query["product_id"].to_list() == [hit.product_id for hit in hits], (name, text)
            assert of_query["score"].to_list() == pytest.approx([hit.why.ranking_score for hit in hits])


def test_no_text_finds_nothing(varied):
    ranked = rank_texts(varied, FakeEncoder(), [], DEFAULT_INDEX, served_rankings(SHIPPED.taxonomy))
    assert [ranking.is_empty() for ranking in ranked.values()] == [True] * len(ranked)


def test_texts_are_ranked_where_an_event_loop_runs(varied):
    """As in a notebook."""
    served = served_rankings(SHIPPED.taxonomy)

    async def in_notebook():
        return rank_texts(varied, FakeEncoder(), TEXTS, DEFAULT_INDEX, served)

    outside = rank_texts(varied, FakeEncoder(), TEXTS, DEFAULT_INDEX, served)
    assert all(ranking.equals(outside[name]) for name, ranking in asyncio.run(in_notebook()).items())


def test_an_older_version_is_asked_although_there_is_a_newer_one(open_index):
    old = open_index(random_rows(5, dimension=FakeEncoder.dimension, embedded_text=["red shirt"] * 5))
    new = open_index(random_rows(9, dimension=FakeEncoder.dimension, embedded_text=["red shirt"] * 9))
    served = {"served": served_rankings(SHIPPED.taxonomy)[DEFAULT_INDEX]}
    for table, count in ((old, 5), (new, 9), (old, 5)):
        assert len(rank_texts(table, FakeEncoder(), ["red"], DEFAULT_INDEX, served)["served"]) == count
