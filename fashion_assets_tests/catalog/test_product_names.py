"""A product is found by the shop's id, by the SKU of any variant, and by its key, however a person writes them."""

import pytest

from fashion_assets.catalog.product_names import ProductNames, key_finder, shop_ids
from fashion_assets.errors import UnknownProduct

VARIANTS = {"variants": {"group": "style", "visible": ["base_color"], "hidden": ["size"]}}
TABLE = (
    "product_id,style,base_color,size\n"
    "WS-1,TEE,Red,M\nWS-2,TEE,Red,L\nWS-3,TEE,Grün,M\n0007,,,\n7,,,\n12,,,\nÉclair,,,\n"
)


@pytest.fixture
def done(ingested):
    return ingested(TABLE, **VARIANTS)


@pytest.fixture
def names(done):
    return ProductNames(done.store)


@pytest.fixture
def key(done):
    """The key of a product by its shop_id."""
    return dict(done.products.select("shop_id", "product_id").iter_rows()).__getitem__


@pytest.mark.parametrize(
    ("name", "shop_id"),
    [
        ("TEE/Red", "TEE/Red"),
        ("WS-1", "TEE/Red"),
        ("WS-2", "TEE/Red"),
        ("ws-3", "TEE/Grün"),
        ("tee/grun", "TEE/Grün"),
        (" WS-1 ", "TEE/Red"),
        ("0007", "0007"),
        ("7", "7"),
        (7, "7"),
        ("12", "12"),
        ("eclair", "Éclair"),
        ("E\u0301clair", "Éclair"),
    ],
)
def test_every_name_leads_to_the_product(names, key, name, shop_id):
    assert names.find(name) == key(shop_id)
    assert names.require(name) == key(shop_id)


def test_a_key_leads_to_the_product_and_back_to_its_name(names, key):
    assert names.find(key("TEE/Red")) == key("TEE/Red") < 0
    assert names.shop_id(key("TEE/Red")) == "TEE/Red"
    assert names.shop_id(12) == "12"
    assert names.shop_id(999) == "999"


@pytest.mark.parametrize("name", ["", "99", "-99", "TEE", "-", "９９", "1e3", "x" * 10_000])
def test_a_name_that_no_product_has_is_none(names, name):
    assert names.find(name) is None
    with pytest.raises(UnknownProduct, match="There is no product"):
        names.require(name)


def test_an_unknown_name_is_answered_with_the_nearest(names):
    with pytest.raises(UnknownProduct, match="did you mean 'WS-1'"):
        names.require("WS-11")
    assert names.nearest("ws1")[0] == "WS-1"


def test_names_are_looked_up_one_by_one(done, key):
    key_of = key_finder(done.store)
    assert [key_of(name) for name in ("WS-2", "12", "nobody")] == [key("TEE/Red"), 12, None]


def test_withdrawn_products_keep_their_names(ingested, done, key):
    withdrawn = key("0007")
    ingested(TABLE.replace("0007,,,\n", ""), **VARIANTS)
    assert ProductNames(done.store).find("0007") == withdrawn


def test_before_the_first_ingest_there_are_no_names(store):
    assert ProductNames(store).find("1") is None


def test_a_few_products_are_named_without_reading_all(done, key):
    red = key("TEE/Red")
    assert shop_ids(done.store, [red, 12, 999, red]) == {red: "TEE/Red", 12: "12", 999: "999"}
    assert shop_ids(done.store, []) == {}
