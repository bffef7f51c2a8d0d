"""Who wears a product, from the words of shops and feeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.shop.kinds import map_gender

GENDERS = {"Men", "Women", "Boys", "Girls", "Unisex"}


@pytest.mark.parametrize(
    ("word", "gender"),
    [
        *[(word, "Men") for word in ("male", "Men", "MEN'S", "Menswear", "Herren", "Männer", "Maenner", "m", "Gents")],
        *[
            (word, "Women")
            for word in ("female", "Women’s", "Ladieswear", "Ladies", "Damen", "Frauen", "W", "Damenmode")
        ],
        *[(word, "Boys") for word in ("Boys", "boy's", "Jungen", "Junge")],
        *[(word, "Girls") for word in ("Girls", "Mädchen", "Maedchen", "MÄDCHEN")],
        *[
            (word, "Unisex")
            for word in (
                "unisex",
                "gender-neutral",
                "both",
                "Kids",
                "Baby",
                "Kinder",
                "Baby/Children",
                "Women/Men",
                "Damen & Herren",
            )
        ],
        *[(word, None) for word in (None, "", "N/A", "Divided", "Sport", "Mental", "womanizer")],
    ],
)
def test_words_of_shops(word, gender):
    assert map_gender(word) == gender


@pytest.mark.parametrize(
    ("word", "age_group", "gender"),
    [
        ("female", "kids", "Girls"),
        ("male", "kids", "Boys"),
        ("male", "toddler", "Boys"),
        ("unisex", "infant", "Unisex"),
        (None, "newborn", "Unisex"),
        ("female", "adult", "Women"),
        (None, "adult", None),
        ("Jungen", "kids", "Boys"),
    ],
)
def test_an_age_group_makes_men_boys_and_women_girls(word, age_group, gender):
    assert map_gender(word, age_group=age_group) == gender


@pytest.mark.parametrize(
    ("word", "category", "gender"),
    [
        (None, "Damen > Kleider, Neu", "Women"),
        (None, "Watches > Men", "Men"),
        (None, "Women's Clothing > Dresses", "Women"),
        (None, "Kinder > Mädchen > Kleider", "Girls"),
        (None, "Kids > Jackets", "Unisex"),
        (None, "Kinderschuhe", "Unisex"),
        (None, "Herrenschuhe", "Men"),
        ("male", "Kids > Jackets", "Boys"),
        ("unisex", "Men > Shoes", "Unisex"),
        ("N/A", "Herren > Hemden", "Men"),
        ("Women", "Apparel > Loungewear and Nightwear > Baby Dolls", "Women"),
        (None, "Apparel > Topwear > Shirts", None),
        (None, "Sizes > M", None),
        (None, "Junge Mode > Kleider", None),
        (None, "For Her > Tops", "Women"),
    ],
)
def test_the_category_says_it_where_the_word_does_not(word, category, gender):
    assert map_gender(word, category=category) == gender


@given(word=st.none() | st.text(), category=st.none() | st.text(), age_group=st.none() | st.text())
def test_any_text_gives_a_gender_or_none(word, category, age_group):
    assert map_gender(word, category=category, age_group=age_group) in GENDERS | {None}
