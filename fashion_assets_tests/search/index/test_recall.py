import numpy as np
import polars as pl
import pytest

from fashion_assets.embeddings.tables import VECTOR_COLUMNS
from fashion_assets.search.index import recall
from fashion_assets.search.index.recall import compare_ids, query_milliseconds, recall_at
from fashion_assets_tests.factories.embedding_rows import color_rows, random_rows, without_photos


@pytest.mark.usefixtures("forty_are_exact")
def test_the_index_finds_what_exact_search_finds(open_index):
    table = open_index(without_photos(random_rows(1200), *range(0, 1200, 10)))
    for column in VECTOR_COLUMNS:
        assert recall_at(table, column, queries=25) >= 0.99


def test_recall_falls_when_the_index_misses_neighbours(open_index, monkeypatch):
    """With every second row gone from the approximate answer, half of the neighbours are missed."""
    table = open_index(random_rows(200))
    real = recall.answers

    def forgetful(query):
        distances = real(query)
        return distances if query._bypass_vector_index else distances[::2]

    monkeypatch.setattr(recall, "answers", forgetful)
    assert recall_at(table, "text_embedding", k=20, queries=5) == pytest.approx(0.5)


def test_each_query_has_its_own_farthest_neighbour(open_index, monkeypatch):
    """Rows just beyond their query's 20 nearest are misses, though they are nearer than those of other queries."""
    table = open_index(random_rows(200))
    real = recall.answers

    def beyond(query):
        distances = real(query)
        farther = pl.col("_distance").max().over("query_index") + 1e-3
        return distances if query._bypass_vector_index else distances.with_columns(farther)

    monkeypatch.setattr(recall, "answers", beyond)
    assert recall_at(table, "text_embedding", k=20, queries=5) == 0


def test_a_single_product_finds_itself(red_table):
    assert recall_at(red_table, "text_embedding") == 1.0


@pytest.mark.usefixtures("forty_are_exact")
def test_equal_vectors_are_ties_not_misses(open_index):
    assert recall_at(open_index(color_rows(*["red"] * 300)), "text_embedding", k=5, queries=10) == 1.0


def test_a_column_without_vectors_misses_nothing(open_index):
    table = open_index(without_photos(color_rows("red", "blue"), 1, 2))
    assert recall_at(table, "image_embedding") == 1.0
    assert query_milliseconds(table, "image_embedding") == 0


def test_the_sample_depends_on_the_seed_only(open_index):
    table = open_index(random_rows(100))
    first, again, other = (list(recall._sample(table, "text_embedding", 5, seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_an_index_nothing_is_missed(open_index):
    table = open_index(random_rows(200))
    assert all("image_embedding" not in of.columns for of in table.list_indices())
    assert recall_at(table, "image_embedding", queries=5) == 1.0


def test_a_query_takes_time(open_index):
    assert 0 < query_milliseconds(open_index(random_rows(100)), "text_embedding", queries=3) < 1000


@pytest.mark.parametrize(
    ("expected_ids", "missing", "extra"),
    [([1, 2, 3], (), ()), ([1, 2, 3, 4], (4,), ()), ([2, 3], (), (1,)), ([5, 1], (5,), (2, 3)), ([], (), (1, 2, 3))],
)
def test_ids_are_compared_with_the_source(open_index, expected_ids, missing, extra):
    compared = compare_ids(open_index(color_rows("red", "blue", "red")), expected_ids)
    assert (compared.first_missing, compared.first_extra) == (missing, extra)
    assert (compared.missing, compared.extra) == (len(missing), len(extra))
    assert compared.is_match is (not missing and not extra)


def test_only_the_first_ids_are_shown(open_index):
    compared = compare_ids(open_index(color_rows(*["red"] * 30)), range(100, 200))
    assert (compared.missing, compared.first_missing) == (100, (100, 101, 102, 103, 104))
    assert (compared.extra, compared.first_extra) == (30, (1, 2, 3, 4, 5))
