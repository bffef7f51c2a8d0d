"""Stand-ins: every article type of a catalog can be drawn, photos that exist are taken, nothing is drawn twice."""

from dataclasses import replace

import pytest
from PIL import Image

from fashion_assets.demo.articles import ARTICLES
from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.stand_ins import (
    _LIKE_COLOUR,
    _LIKE_MASTER_CATEGORY,
    _LIKE_SUB_CATEGORY,
    _LIKE_TYPE,
    Listed,
    Written,
    drawable_article,
    stand_in,
    write_stand_ins,
)

SHIRT = Listed(7, "images/7.jpg", "Apparel", "Topwear", "Shirts", "Teal")


def test_what_stands_for_something_can_be_drawn():
    names = {article.name for article in ARTICLES}
    assert {*_LIKE_TYPE.values(), *_LIKE_SUB_CATEGORY.values(), *_LIKE_MASTER_CATEGORY.values()} <= names
    assert not set(_LIKE_TYPE) & names, "an article that can be drawn stands for itself"
    assert set(_LIKE_COLOUR.values()) <= set(PALETTE) and not set(_LIKE_COLOUR) & set(PALETTE)


@pytest.mark.parametrize(
    ("changed", "drawn"),
    [
        ({}, "Shirts"),
        ({"article_type": "Kurtis"}, "Kurtas"),
        ({"article_type": "Gowns", "sub_category": "Dress"}, "Dresses"),
        ({"article_type": None, "sub_category": None}, "Tops"),
        ({"article_type": "Perfume", "sub_category": "Fragrance", "master_category": "Personal Care"}, "Wallets"),
        ({"article_type": None, "sub_category": None, "master_category": None}, "Wallets"),
    ],
)
def test_the_most_alike_article_is_drawn(changed, drawn):
    assert drawable_article(replace(SHIRT, **changed)).name == drawn


@pytest.mark.parametrize(("named", "colour"), [("Teal", "Green"), ("Red", "Red")])
def test_the_colour_is_the_catalogs_where_the_palette_has_it(named, colour):
    assert stand_in(replace(SHIRT, base_color=named)).colour == colour
    assert stand_in(replace(SHIRT, base_color="Multi")).colour in PALETTE


def test_existing_photos_are_copied_the_rest_is_drawn_and_nothing_twice(tmp_path):
    products = [replace(SHIRT, product_id=n, image_path=f"images/{n}.jpg") for n in range(5)]
    (tmp_path / "real" / "images").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "real" / "images" / "2.jpg")
    folder = tmp_path / "photos"
    assert write_stand_ins(folder, products[:3], tmp_path / "real", processes=1) == Written(2, 1, 0)
    drawn = (folder / "images" / "0.jpg").read_bytes()
    (folder / "images" / "1.jpg").unlink()
    assert write_stand_ins(folder, products, tmp_path / "real", processes=1) == Written(3, 0, 2)
    assert (folder / "images" / "0.jpg").read_bytes() == drawn
    assert Image.open(folder / "images" / "2.jpg").size == (8, 8)
    assert Image.open(folder / "images" / "4.jpg").height > 100
