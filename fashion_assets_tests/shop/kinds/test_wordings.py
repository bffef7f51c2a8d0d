"""The kinds in English phrases, and the names by which a shop's file gives them."""

import pytest

from fashion_assets.shop.kinds import kind_named
from fashion_assets.shop.kinds.kind import Place
from fashion_assets.shop.kinds.vocabulary import vocabulary
from fashion_assets.shop.kinds.wordings import MOST_PHRASES, NO_KIND, KindWording, kind_wordings, name_of


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("jeans", "a photo of a pair of jeans"),
        ("track pants", "a photo of a pair of track pants"),
        ("jacket", "a photo of a jacket"),
        ("umbrella", "a photo of an umbrella"),
        ("earring", "a photo of an earring"),
        ("dress", "a photo of a dress"),
        ("watches", "a photo of watches"),
        ("swimwear", "a photo of swimwear"),
    ],
)
def test_a_phrase_stands_in_a_caption(phrase, text):
    assert KindWording(Place("Apparel"), (phrase,)).texts == (text,)


def test_every_article_type_that_a_photo_can_show_has_a_wording():
    worded = [wording.place for wording in kind_wordings() if wording.place != NO_KIND]
    assert len(set(worded)) == len(worded)
    types = {place for place in vocabulary().places if place.article_type and place.master_category != "Free Items"}
    assert types <= set(worded)
    assert {place for place in worded if place not in types} == {
        Place("Accessories", "Sports Accessories"),
        Place("Personal Care", "Perfumes"),
    }


def test_wordings_are_few_and_each_says_one_thing():
    for wording in kind_wordings():
        assert 1 <= len(wording.phrases) <= MOST_PHRASES
        assert not [phrase for phrase in wording.phrases[1:] if "&" in phrase or "/" in phrase]
    (jackets,) = [wording for wording in kind_wordings() if wording.place.article_type == "Jackets"]
    assert jackets.phrases == ("jackets", "jacket", "coat")
    assert any(wording.place == NO_KIND for wording in kind_wordings())


@pytest.mark.parametrize("place", sorted(vocabulary().places, key=str), ids=lambda place: " ".join(filter(None, place)))
def test_a_name_means_that_kind_and_no_other(place):
    name = name_of(place)
    if name is None:
        assert place.article_type is None and place.sub_category
        return
    kind = kind_named(name)
    assert kind is not None and kind.place == place
    shorter = name.partition(" > ")[2]
    assert not shorter or (other := kind_named(shorter)) is None or other.place != place


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Place("Apparel", "Topwear", "Sweaters"), "Sweaters"),
        (Place("Apparel", "Topwear"), "Topwear"),
        (Place("Personal Care", "Perfumes"), "Personal Care > Perfumes"),
        (Place("Apparel", "Dress"), None),
        (NO_KIND, None),
    ],
)
def test_a_name_is_as_short_as_it_can_be(place, name):
    assert name_of(place) == name
