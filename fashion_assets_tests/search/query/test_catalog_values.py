"""Filters say what the catalog says, however it is spelled; other words are answered with the nearest values."""

import pytest

from fashion_assets.errors import SearchError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.query.backend import LanceBackend, SearchQuery
from fashion_assets.search.query.catalog_values import in_catalog_words, indexed_values, nearest_values
from fashion_assets.search.query.filters import WORD_FIELDS, Filters
from fashion_assets_tests.factories.embedding_rows import color_rows

VALUES = dict.fromkeys(WORD_FIELDS, ()) | {
    "gender": ("Boys", "Girls", "Men", "Unisex", "Women", "women"),
    "base_color": ("Blanc cassé", "Weiß"),
    "article_type": ("Dresses",),
}


def spelled(**words):
    return in_catalog_words(Filters(**words), lambda: VALUES)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"gender": ("WOMEN",)}, {"gender": ("Women", "women")}),
        ({"gender": ("men", "Men", "boys")}, {"gender": ("Men", "Boys")}),
        ({"base_color": ("weiss",)}, {"base_color": ("Weiß",)}),
        ({"base_color": ("BLANC CASSE\N{COMBINING ACUTE ACCENT}",)}, {"base_color": ("Blanc cassé",)}),
        ({"article_type": ("dresses",), "gender": ("Girls",)}, {"article_type": ("Dresses",), "gender": ("Girls",)}),
        ({"max_price": 5}, {"max_price": 5}),
    ],
)
def test_case_and_accents_do_not_matter(typed, words):
    assert spelled(**typed) == Filters(**words)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"gender": ("womens",)},
            "The catalog has no gender 'womens', but the filter 'gender' takes only values that it has; "
            "use 'Women' or 'Men', the nearest of its 6.",
        ),
        (
            {"article_type": ("dress",)},
            "The catalog has no article type 'dress', but the filter 'article_type' takes only values that it has; "
            "use 'Dresses'.",
        ),
        (
            {"base_color": ("xyz",)},
            "The catalog has no base color 'xyz', but the filter 'base_color' takes only values that it has; "
            "use 'Blanc cassé' or 'Weiß'.",
        ),
        (
            {"season": ("Summer",)},
            "The filter 'season=Summer' matches nothing, but the catalog states no season of any product; "
            "leave the filter out.",
        ),
    ],
)
def test_what_the_catalog_does_not_have_is_answered_with_what_it_has(typed, sentence):
    with pytest.raises(SearchError) as caught:
        spelled(**typed)
    assert str(caught.value) == sentence


def test_values_are_not_read_for_a_filter_without_words():
    assert in_catalog_words(Filters(min_price=1), lambda: pytest.fail("read")) == Filters(min_price=1)
    assert in_catalog_words(None, lambda: pytest.fail("read")) is None


def test_nothing_is_near_to_a_word_of_other_letters():
    assert nearest_values("zzz", ("Women", "Men")) == []


def test_an_index_knows_its_values_and_a_search_uses_them(open_index):
    table = open_index(color_rows("red", "red", "red", gender=["Women", "Men", None]))
    assert indexed_values(table) == {name: ["Men", "Women"] if name == "gender" else [] for name in WORD_FIELDS}
    backend = LanceBackend(table, FakeEncoder())
    assert [hit.product_id for hit in backend.search(SearchQuery("red", filters=Filters(gender=("women",))))] == [1]
    with pytest.raises(SearchError, match=r"no gender 'woman'.*use 'Women' or 'Men'"):
        backend.search(SearchQuery("red", filters=Filters(gender=("woman",))))
