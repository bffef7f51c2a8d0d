"""Intervals of differences, and the judgement that keeps a worse version from being promoted."""

import math

import numpy as np
import polars as pl
import pytest

from fashion_assets.embeddings.tables import VECTOR_COLUMNS
from fashion_assets.errors import SearchError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.offline.compare import (
    Interval,
    judge_difference,
    judge_enrichment,
    judge_offline_quality,
    mean_interval,
    paired_difference,
)
from fashion_assets.search.offline.metrics import NDCG
from fashion_assets.search.offline.queries import QuerySet, make_query_set
from fashion_assets.shop.limits import IndexLimits, Limits
from fashion_assets.shop.profile import ShopProfile
from fashion_assets_tests.factories.embedding_rows import MODEL, build, rows_of
from fashion_assets_tests.factories.labelled_catalog import catalog, labels

COLORS = ("red", "green", "blue", "yellow", "white", "black")
PRODUCTS = catalog(*({"base_color": color.title(), "article_type": f"Type {n}"} for n in range(6) for color in COLORS))


class ArticleEncoder(FakeEncoder):
    """Sees only the article: "type 3" is the fourth axis."""

    dimension = 6

    def embed_texts(self, texts):
        return np.eye(6, dtype=np.float32)[[int(text.split("type ")[1][0]) for text in texts]]


ASKED = (lambda asked: (asked.queries, asked.relevance))(make_query_set(PRODUCTS, labels()))


def indexed(
    uri: str, products: pl.DataFrame = PRODUCTS, shift: int = 0, text_shift: int = 0, model: str = MODEL, **columns
):
    """A version of `products` whose vectors are those of their articles; `shift` gives them the wrong ones,
    `text_shift` the wrong descriptions."""
    texts = [f"{color} {article}".lower() for color, article in products.select("base_color", "article_type").rows()]
    vectors = dict.fromkeys(VECTOR_COLUMNS, normalise(ArticleEncoder().embed_texts(texts[shift:] + texts[:shift])))
    rows = rows_of(
        vectors,
        product_id=products["product_id"],
        embedded_text=texts[text_shift:] + texts[:text_shift],
        embedding_model=[model] * len(products),
        **columns,
    )
    return open_live(uri, build(uri, rows, model).version)


def judge(table, live, asked: QuerySet | None = None, model: str = MODEL):
    asked = asked or make_query_set(PRODUCTS, labels())
    (judgement,) = judge_offline_quality(table, live, ArticleEncoder(model), asked.queries, asked.relevance)
    return judgement


class UnaskedEncoder(ArticleEncoder):
    def embed_texts(self, texts):
        raise AssertionError("nothing has changed by which results are ordered")


@pytest.mark.parametrize(
    "columns", [{}, {"price": 5.0}, {"image_path": "elsewhere.jpg"}, {"product_display_name": "Shirt"}]
)
def test_nothing_is_asked_of_a_version_that_ranks_alike(index_uri, columns):
    live = indexed(index_uri, price=[4.0] * len(PRODUCTS))
    table = indexed(index_uri, **{name: [value] * len(PRODUCTS) for name, value in columns.items()})
    (judgement,) = judge_offline_quality(table, live, UnaskedEncoder(MODEL), *ASKED)
    assert judgement.outcome == "passed"
    assert judgement.reason.startswith("Nothing has changed by which results are ordered")


@pytest.mark.parametrize(
    "change",
    [
        {"shift": 1},
        {"text_shift": 1},
        {"products": PRODUCTS.head(35)},
        {"base_color": ["Red"] * len(PRODUCTS)},
        {"pattern": ["striped", *[None] * (len(PRODUCTS) - 1)]},
    ],
)
def test_a_version_with_other_vectors_words_values_or_products_is_asked(index_uri, change):
    live = indexed(index_uri)
    with pytest.raises(AssertionError, match="nothing has changed"):
        judge_offline_quality(indexed(index_uri, **change), live, UnaskedEncoder(MODEL), *ASKED)


def test_a_version_that_answers_as_before_is_not_worse(index_uri):
    live = indexed(index_uri)
    judgement = judge(indexed(index_uri, season=["Summer"] * len(PRODUCTS)), live)
    assert (judgement.outcome, judgement.value, judgement.applicable) == ("passed", 0, 36)


def test_a_version_with_other_products_vectors_is_worse_and_the_way_back_is_not(index_uri):
    good, bad = indexed(index_uri), indexed(index_uri, shift=6)
    judgement = judge(bad, good)
    assert judgement.outcome == "failed"
    assert judgement.value < -0.5
    assert "that of the live version" in judgement.reason
    assert judge(good, bad).outcome == "passed"


def test_a_version_with_other_products_texts_is_worse_as_served_though_its_vectors_are_the_same(index_uri):
    good = indexed(index_uri)
    judgement = judge(indexed(index_uri, text_shift=1), good)
    assert judgement.outcome == "failed"
    assert judgement.reason.startswith("As served, its nDCG@10 is")


def refusal(differences, least_effect):
    return judge_difference(mean_interval(pl.Series(differences)), least_effect, "As served")


@pytest.mark.parametrize(
    ("lost", "outcome", "words"),
    [
        (0.125, "passed", "worse by more than chance, but not by more than 0.125"),
        (0.125 + 2**-20, "failed", "worse by more than chance and by more than 0.125"),
        (0.125 - 2**-20, "passed", "but not by more than 0.125"),
        (0.0, "passed", "+0.000 (95 % interval"),
    ],
)
def test_a_loss_of_exactly_the_least_effect_is_no_reason_to_refuse(lost, outcome, words):
    judgement = refusal([-lost] * 32, 0.125)
    assert (judgement.outcome, judgement.value, judgement.threshold) == (outcome, -lost, -0.125)
    assert words in judgement.reason


def test_a_large_loss_that_may_be_chance_is_no_reason_to_refuse():
    judgement = refusal([-1.0, 0.9] * 16, 0.01)
    assert judgement.value == pytest.approx(-0.05)
    assert judgement.outcome == "passed"


def test_without_a_least_effect_every_loss_beyond_chance_refuses():
    assert refusal([-(2**-20)] * 32, 0.0).outcome == "failed"


def test_the_shop_says_how_much_may_be_lost(index_uri):
    good, bad = indexed(index_uri), indexed(index_uri, shift=6)
    lenient = ShopProfile(limits=Limits(index=IndexLimits(least_effect=1.0)))
    asked = make_query_set(PRODUCTS, labels())
    (judgement,) = judge_offline_quality(bad, good, ArticleEncoder(MODEL), asked.queries, asked.relevance, lenient)
    assert judgement.outcome == "passed" and judgement.value < -0.5


@pytest.mark.parametrize(
    ("difference", "outcome"),
    [
        (Interval(-0.02, -0.03, -0.01, 200), "warned"),
        (Interval(-0.02, -0.03, 0.0, 200), "passed"),
        (Interval(0.02, 0.01, 0.03, 200), "passed"),
        (mean_interval(pl.Series([], dtype=pl.Float64)), "passed"),
    ],
)
def test_enrichment_that_makes_searches_worse_warns(difference, outcome):
    assert judge_enrichment(difference).outcome == outcome


def test_without_a_query_nothing_is_claimed():
    none = mean_interval(pl.Series([], dtype=pl.Float64))
    judgement = judge_enrichment(none, "no colour")
    assert (judgement.passed, judgement.value, judgement.reason) == (True, None, "Not measured: no colour.")
    assert judge_enrichment(none).reason == "Not measured: no query has an answer."


def test_few_queries_can_only_warn(index_uri):
    few = make_query_set(PRODUCTS, labels(), 19)
    assert judge(indexed(index_uri, shift=6), indexed(index_uri), few).outcome == "warned"
    enough = make_query_set(PRODUCTS, labels(), 20)
    assert judge(indexed(index_uri, shift=6), indexed(index_uri), enough).outcome == "failed"


def test_products_that_only_one_version_holds_are_no_merit_and_no_fault(index_uri):
    fewer = PRODUCTS.filter(pl.col("base_color") != "Red")
    for new, live in ((fewer, PRODUCTS), (PRODUCTS, fewer)):
        judgement = judge(indexed(index_uri, new), indexed(index_uri, live))
        assert (judgement.outcome, judgement.value) == ("passed", pytest.approx(0, abs=0.05))


def test_the_first_version_passes_and_says_why(index_uri):
    judgement = judge(indexed(index_uri), None)
    assert judgement.passed and "No version is live yet" in judgement.reason


def test_a_live_version_of_another_model_warns(index_uri):
    judgement = judge(indexed(index_uri), indexed(index_uri, model="old"))
    assert judgement.outcome == "warned" and "'old'" in judgement.reason


def test_an_encoder_that_did_not_make_the_index_is_refused(index_uri):
    with pytest.raises(SearchError, match="only one model's vectors can be compared"):
        judge(indexed(index_uri), indexed(index_uri, model="new"), model="new")


def test_a_catalog_without_queries_passes(index_uri):
    nothing = make_query_set(PRODUCTS.head(0), labels())
    assert "nothing was compared" in judge(indexed(index_uri), indexed(index_uri, shift=1), nothing).reason


def test_the_interval_of_equal_values_is_a_point_and_nulls_do_not_count():
    assert mean_interval(pl.Series([0.5, 0.5, None])) == Interval(0.5, 0.5, 0.5, 2)
    assert math.isnan(mean_interval(pl.Series([None], dtype=pl.Float64)).value)


def test_the_interval_is_that_of_scipy_and_always_the_same():
    from scipy.stats import bootstrap

    values = np.random.default_rng(1).normal(0.1, 1, 80)
    found = mean_interval(pl.Series(values))
    expected = bootstrap((values,), np.mean, n_resamples=5000, method="percentile", rng=2).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.03)
    assert found == mean_interval(pl.Series(values))


def test_differences_are_taken_query_by_query():
    new = pl.DataFrame({"query": [2, 1, 3], NDCG: [0.9, 0.2, 0.7]})
    old = pl.DataFrame({"query": [1, 2], NDCG: [0.1, 0.8]})
    found = paired_difference(new, old, NDCG)
    assert (found.value, found.low, found.high, found.queries) == (*[pytest.approx(0.1)] * 3, 2)
