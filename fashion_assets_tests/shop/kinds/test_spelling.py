"""Spellings that mean the same have the same key, others have not."""

import pytest

from fashion_assets.shop.kinds.spelling import english_keys, german_keys, key, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Men's T-Shirts & Tops", ("men", "t", "shirts", "and", "tops")),
        ("Hat/beanie", ("hat", "and", "beanie")),
        ("3/4-Hosen", ("3", "4", "hosen")),
        ("Röcke und Hosen", ("rocke", "and", "hosen")),
        ("", ()),
    ],
)
def test_words_are_folded(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize("text", ["T-Shirt", "t shirt", "TSHIRT", " T - Shirt "])
def test_hyphens_and_spaces_do_not_matter(text):
    assert key(text) == "tshirt"


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("dress", {"dress", "dresses"}),
        ("watch", {"watch", "watches"}),
        ("accessory", {"accessory", "accessories"}),
        ("scarf", {"scarf", "scarfs", "scarves"}),
        ("key chain", {"keychain", "keychains"}),
        ("glasses", {"glasses"}),
        ("track pants", {"trackpants", "trackpant"}),
    ],
)
def test_english_phrases_have_their_regular_plural(phrase, forms):
    assert forms <= english_keys(phrase, pairs=frozenset({"pants"})) <= forms | {f"{form}s" for form in forms}


def test_both_numbers_include_the_singular_of_a_plural():
    assert {"dress", "dresses"} <= english_keys("Dresses", both_numbers=True)
    assert {"tie", "ties"} == english_keys("Ties", both_numbers=True)


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("Gürtel", {"gurtel", "guertel"}),
        ("Hose", {"hose", "hosen"}),
        ("Hemd", {"hemd", "hemde", "hemden"}),
        ("Pulli", {"pulli", "pullis"}),
        ("Halstuch", {"halstuch", "halstucher", "halstuecher"}),
        ("Röcke", {"rocke", "rocken", "roecke", "roecken"}),
    ],
)
def test_german_phrases_have_their_regular_plurals_in_both_spellings_of_umlauts(phrase, forms):
    assert german_keys(phrase) == forms
