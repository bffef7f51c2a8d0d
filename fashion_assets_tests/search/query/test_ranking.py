import numpy as np
import polars as pl
import pytest

from fashion_assets.errors import SearchError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.query.boosts import Boost, boosts, named_values
from fashion_assets.search.query.diversity import maximal_marginal_relevance
from fashion_assets.search.query.fusion import reciprocal_rank_fusion, weighted_sum
from fashion_assets.search.query.hits import Reasons
from fashion_assets.search.query.ranking import Ranking
from fashion_assets.search.query.search import DEFAULT_INDEX, MAX_CHARACTERS, search
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories.embedding_rows import color_rows, without_photos

ENCODER = FakeEncoder()
VALUES = {"base_color": ["Blue", "Navy Blue", None], "pattern": ["solid color", "striped", "no clear pattern"]}


def test_reciprocal_ranks_add_up_to_one_for_the_first_of_both():
    fused = reciprocal_rank_fusion([1, 2], [1, 3], text_weight=0.25, constant=1)
    assert fused == pytest.approx({1: 1, 2: 0.75 * 2 / 3, 3: 0.25 * 2 / 3})


def test_the_weighted_sum_takes_texts_relative_to_the_best():
    assert weighted_sum({1: 0.5, 2: 0.4}, {2: 8.0, 3: 4.0}, 0.5) == pytest.approx({1: 0.25, 2: 0.7, 3: 0.25})
    assert weighted_sum({1: 0.5}, {}, 0.5) == {1: 0.25}


def test_diversity_passes_over_a_twin():
    relevance, vectors = np.array([0.9, 0.89, 0.5]), np.array([[1, 0], [1, 0], [0, 1]])
    assert maximal_marginal_relevance(relevance, vectors, 1, 3) == [0, 1, 2]
    assert maximal_marginal_relevance(relevance, vectors, 0.5, 2) == [0, 2]
    assert maximal_marginal_relevance(relevance, vectors, 0, 1) == [0]
    assert maximal_marginal_relevance(np.array([]), np.zeros((0, 2)), 0.5, 2) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("navy blue shirt", {"base_color": {"Navy Blue"}}),
        ("BLUE plain shirt", {"base_color": {"Blue"}, "pattern": {"solid color"}}),
        ("no clear pattern", {}),
        ("", {}),
    ],
)
def test_the_longest_value_is_the_one_named(text, named):
    assert named_values(text, VALUES) == named


@pytest.mark.parametrize("rule", boosts(SHIPPED.taxonomy), ids=lambda rule: rule.name)
def test_every_rule_fires_on_a_named_value_and_on_no_other(rule):
    row = dict.fromkeys(rule.columns, "x")
    assert rule.matched(row, {rule.columns[0]: frozenset("x")}) == rule.columns[:1]
    assert rule.matched(row, {rule.columns[0]: frozenset("y")}) == ()
    assert rule.why and rule.boost > 0


def test_a_named_value_moves_a_product_up_and_is_the_reason(open_index):
    rows = color_rows("white", "white", gender=["Men", "Women"], pattern=["striped", "checkered"])
    first, second = search(open_index(rows), ENCODER, text="plaid for ladies")
    assert (first.product_id, first.why.matched) == (2, {"gender": "Women", "pattern": "checkered"})
    assert first.why.boosts == ("gender", "attribute")
    assert first.why.ranking_score > second.why.ranking_score and first.score == second.score
    assert second.why.boosts == ()


def test_words_move_a_product_up_and_rank_and_score_are_told(open_index):
    rows = color_rows("white", "white")
    rows = rows.with_columns(embedded_text=rows["embedded_text"].replace_strict(["white shirt"], ["x"]))
    table = open_index(rows.with_columns(embedded_text=rows["product_id"].replace_strict({1: "cap", 2: "silken cap"})))
    first, second = search(table, ENCODER, text="silken")
    assert (first.product_id, first.why.text_rank, second.why.text_rank) == (2, 1, None)
    assert first.why.text_score > 0 and second.why.text_score is None


SPELLINGS = ["lumiere", "LUMIÈRE", "Lumière", "Lumie\N{COMBINING GRAVE ACCENT}re"]


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize("written", SPELLINGS)
def test_words_are_found_whatever_their_case_and_accents(open_index, typed, written):
    rows = color_rows("white", "white", gender=["Unisexe", "Préféré"])
    table = open_index(rows.with_columns(embedded_text=pl.Series(["cap", f"{written} cap"])))
    first, second = search(table, ENCODER, text=f"{typed} préfére")
    assert (first.product_id, first.why.text_rank, second.why.text_rank) == (2, 1, None)
    assert first.why.matched == {"gender": "Préféré"}


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Weiß", "weiss"),
        ("WEISS", "weiß"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("ＳＨＯＰ", "shop"),
        ("Acme™", "acme"),
        ("Acme®-Cap", "acme"),
        ("ШИРОКАЯ", "широкая"),
        ("कमीज", "कमीज"),
        ("أزرق", "ازرق"),
    ],
)
def test_every_spelling_of_a_word_is_the_same_word(open_index, written, typed):
    table = open_index(color_rows("white").with_columns(embedded_text=pl.Series([f"{written} x"])))
    assert search(table, ENCODER, text=typed)[0].why.text_rank == 1


def test_baseline_searches_see_nothing_that_was_extracted(open_index):
    words = ["silken cap", "woollen cap"]
    rows = color_rows("white", "white", baseline_description=words, pattern=["checkered", "striped"])
    table = open_index(rows.with_columns(embedded_text=pl.Series(["cap", "plaid cap"])))
    for index in ("vs_text_search", "vs_hybrid_search"):
        first, second = search(table, ENCODER, text="woollen plaid", index=index)
        assert (first.product_id, first.why.text_rank) == (2, 1)
        assert second.why.text_rank is None and second.why.boosts == ()
    first, second = search(table, ENCODER, text="silken plaid")
    assert (first.product_id, first.why.text_rank, second.why.boosts) == (2, 1, ("attribute",))


def test_without_a_ranking_the_vectors_decide(open_index):
    table = open_index(color_rows("white", "red", gender=["Women", "Men"]))
    assert search(table, ENCODER, text="red women", rankings={})[0].product_id == 2
    only_gender = Ranking(text_weight=0, boosts=(Boost("gender", "", ("gender",), 2.0),))
    assert search(table, ENCODER, text="red women", rankings={DEFAULT_INDEX: only_gender})[0].product_id == 1


def test_words_find_no_product_without_a_vector_and_none_that_is_excluded(open_index):
    table = open_index(without_photos(color_rows("red", "red", "red"), 1))
    assert [hit.product_id for hit in search(table, ENCODER, text="red shirt", excluded_ids={2})] == [3]


@pytest.mark.parametrize(
    "text",
    [
        '"red',
        "red) OR (1=1",
        "+red -shirt",
        "embedded_text:red^9",
        "red*~2?",
        "'; DROP TABLE products; --",
        "👗",
        "for the",
        *["قميص أحمر", "\u202ered", "\x00red", "-", "red " * (MAX_CHARACTERS // 4)],
    ],
    ids=ascii,
)
def test_odd_texts_are_words_and_no_syntax(red_table, text):
    (hit,) = search(red_table, ENCODER, text=text)
    assert hit.product_id == 1 and np.isfinite(hit.why.ranking_score)
    assert (hit.why.text_rank == 1) == ("red" in text)


def test_a_text_that_is_too_long_or_none_is_refused(red_table):
    with pytest.raises(SearchError, match="10000 characters, but at most 1000 are read; shorten it"):
        search(red_table, ENCODER, text="x" * 10_000)
    with pytest.raises(SearchError, match="bytes that are not text"):
        search(red_table, ENCODER, text="red \udcff")


def test_reasons_in_short():
    assert Reasons(1.0, 2.0, 3, ("colour",), {"base_color": "Red"}).words() == "Red; words #3"
    assert Reasons(1.0).words() == "vector"
