"""The measures, worked out by hand."""

from math import log2

import polars as pl
import pytest

from fashion_assets.search.offline.metrics import MRR, NDCG, PRECISION, RECALL, RECALL_AT_1, SPREAD, query_metrics
from fashion_assets.search.offline.ranking import RANKING

JUDGED = {1: 3, 2: 2, 3: 1, 4: 2}


def measured(found: list[int], judged: dict[int, int] = JUDGED, scores: list[float] | None = None) -> dict:
    scores = scores or [0.9 - 0.01 * place for place in range(len(found))]
    ranking = pl.DataFrame(
        [(0, n, p, s) for n, (p, s) in enumerate(zip(found, scores, strict=True), 1)], RANKING, orient="row"
    )
    grades = pl.DataFrame([(0, *pair) for pair in judged.items()], ["query", "product_id", "grade"], orient="row")
    (row,) = query_metrics(ranking, grades).to_dicts()
    return row


def test_ndcg_is_the_discounted_gain_over_the_best_possible():
    found = measured([9, 1, 3, 2])
    gain = 3 / log2(3) + 1 / log2(4) + 2 / log2(5)
    best = 3 / log2(2) + 2 / log2(3) + 2 / log2(4) + 1 / log2(5)
    assert found[NDCG] == pytest.approx(gain / best)


def test_the_best_order_has_1_and_finding_nothing_has_0():
    assert measured([1, 4, 2, 3])[NDCG] == pytest.approx(1)
    nothing = measured([8, 9])
    assert [nothing[name] for name in (NDCG, PRECISION, RECALL, RECALL_AT_1, MRR)] == [0, 0, 0, 0, 0]
    assert measured([])[NDCG] == 0


def test_the_best_order_is_that_of_ten_where_more_are_relevant():
    judged = dict.fromkeys(range(15), 3)
    assert measured(list(range(10)), judged)[NDCG] == pytest.approx(1)
    assert measured(list(range(10)), judged)[RECALL] == pytest.approx(10 / 15)


def test_relevant_is_a_grade_of_2_or_more():
    found = measured([3, 9, 1, 4])
    assert found[PRECISION] == pytest.approx(2 / 10)
    assert found[RECALL] == pytest.approx(2 / 3)
    assert found[RECALL_AT_1] == 0
    assert found[MRR] == pytest.approx(1 / 3)


def test_what_comes_eleventh_counts_only_for_the_spread():
    found = measured([*range(100, 110), 1])
    assert (found[NDCG], found[PRECISION], found[RECALL], found[MRR]) == (0, 0, 0, 0)


def test_the_spread_is_the_best_minus_the_twentieth_in_points():
    scores = [0.50 - 0.01 * place for place in range(20)]
    assert measured(list(range(20)), scores=scores)[SPREAD] == pytest.approx(19)
    assert measured(list(range(19)), scores=scores[:19])[SPREAD] is None


def test_queries_without_a_relevant_product_are_left_out():
    grades = pl.DataFrame({"query": [0, 1], "product_id": [1, 1], "grade": [1, 3]})
    assert query_metrics(pl.DataFrame(schema=RANKING), grades)["query"].to_list() == [1]
