"""The queries that score the demo CLIP, and the gallery in which they are searched."""

import pytest

from fashion_assets.demo.vocabulary import Material, Pattern
from training.clip.captions import TRAITS, known_words, traits_of
from training.evaluation.clip import MATCHES, ClipScores, clip_rows, distinct_products, gallery_products
from training.evaluation.clip_queries import QUERIES

SOME = QUERIES[::8]


@pytest.fixture(scope="module")
def gallery():
    return gallery_products(count=150, seed=7)


def test_there_are_forty_queries_of_two_words_and_forty_of_three():
    lengths = [len(query.text.split()) for query in QUERIES]
    assert lengths == [2] * 40 + [3] * 40
    assert len({query.text for query in QUERIES}) == 80


def test_the_queries_that_users_complained_about_are_among_them():
    demands = {query.text: query.demands for query in QUERIES}
    assert demands["red leather jacket"] == {"colour": "Red", "material": "leather", "article": "Jackets"}
    assert demands["blue striped shirt"] == {"colour": "Blue", "pattern": "striped", "article": "Shirts"}


def test_queries_are_made_of_known_words():
    known = set(known_words())
    assert {word for query in QUERIES for word in query.text.split()} <= known


def test_queries_cover_every_material_and_pattern_and_most_articles():
    demanded = {value for query in QUERIES for value in query.demands.values()}
    assert set(Material.values()) - {Material.UNKNOWN.value} <= demanded
    assert set(Pattern.values()) - {Pattern.NO_CLEAR.value} <= demanded
    assert len({query.demands["article"] for query in QUERIES if "article" in query.demands}) > 20


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.text)
def test_a_query_demands_what_exists(query, gallery):
    assert len(query.demands) >= 2 and set(query.demands) <= set(TRAITS)
    assert sum(query.fits(traits_of(product)) for product in gallery) >= MATCHES


def test_the_gallery_is_the_same_for_the_same_seed(gallery):
    assert gallery_products(150, 7) == gallery
    assert gallery_products(60, 8, SOME) != gallery_products(60, 7, SOME)


def test_the_gallery_begins_with_the_mix_and_adds_only_what_a_query_lacks(gallery):
    mix = gallery_products(150, 7, queries=())
    assert gallery[:150] == mix and len(mix) == 150
    added = gallery[150:]
    assert all(any(query.fits(traits_of(product)) for query in QUERIES) for product in added)
    assert {product.clarity for product in gallery} <= {"clear", "soft"}


def test_distinct_products_differ_in_what_can_be_said():
    products = distinct_products(100, 7)
    assert len({tuple(traits_of(product).values()) for product in products}) == 100


def test_the_rows_name_every_figure():
    worst = tuple((query.text, 0.2) for query in QUERIES[:10])
    rows = dict(clip_rows(ClipScores(500, 2307, 0.61, 0.954, 0.823, 0.801, worst)))
    assert list(rows.values())[:4] == ["0.61", "0.95", "0.82", "0.80"]
    assert all(("500" in label) or ("2307" in label) for label in list(rows)[:4])
    assert "red dress (0.2)" in list(rows.values())[4]
