"""The data files: complete, and without two meanings for one word."""

import pytest

from fashion_assets.shop.kinds.vocabulary import vocabulary

VOCABULARY = vocabulary()


@pytest.mark.parametrize("language", ["article_types", "english", "german"])
def test_a_word_means_one_article_type(language):
    meanings = {
        word: {sense.place for sense in senses if sense.place.article_type and not sense.only_within}
        for word, senses in getattr(VOCABULARY, language).items()
    }
    assert {word: places for word, places in meanings.items() if len(places) > 1} == {}


def test_every_article_type_has_a_word_of_its_own_in_english():
    places = {sense.place for senses in VOCABULARY.article_types.values() for sense in senses}
    assert places == {place for place in VOCABULARY.places if place.article_type}


def test_what_is_worn_has_german_words():
    worn = {place for place in VOCABULARY.places if place.article_type and place.master_category in WORN}
    german = {sense.place for senses in VOCABULARY.german.values() for sense in senses}
    assert {place.article_type for place in worn - german} == INDIAN | {"Accessory Gift Set", "Shoe Accessories"}


WORN = ("Apparel", "Footwear", "Accessories")
INDIAN = {
    *("Churidar", "Dupatta", "Kurta Sets", "Kurtas", "Kurtis", "Lehenga Choli", "Nehru Jackets", "Patiala", "Salwar"),
    "Salwar and Dupatta",
}
"""Garments whose names German shops keep."""


def test_a_number_of_googles_taxonomy_means_one_kind():
    assert len(VOCABULARY.google) > 50
    assert set(VOCABULARY.google.values()) <= VOCABULARY.places


def test_words_that_are_no_kind_have_no_meaning_as_one():
    for phrase in VOCABULARY.lists.nothing:
        assert VOCABULARY.senses(phrase, among_german=True) == ()
