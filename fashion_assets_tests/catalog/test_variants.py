"""What looks the same is one product: of which offers it is made, and what it takes from each."""

import polars as pl
import pytest

from fashion_assets.catalog.ingest_steps import PLACED
from fashion_assets.catalog.variants import products_of, variants_of

BY_COLUMNS = {"variants": {"group": "style", "visible": ["base_color"], "hidden": ["size"]}}
HEADER = "product_id,style,base_color,size,price,stock,image_path,product_display_name,description\n"


def offers(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(PLACED) | row for row in rows], schema=PLACED)


def test_a_product_takes_the_lowest_price_all_sizes_and_all_photos():
    combined = products_of(
        offers(
            {"product_id": 1, "sku": "a", "price": 9.0, "list_price": 20.0, "sizes": ["S"], "photos": ["1.jpg"]},
            {"product_id": 1, "sku": "b", "price": 8.0, "sizes": ["M", "S"], "photos": ["1.jpg", "2.jpg"]},
            {"product_id": 1, "sku": "c"},
        )
    ).row(0, named=True)
    assert (combined["price"], combined["list_price"], combined["is_price_range"]) == (8.0, 20.0, True)
    assert (combined["skus"], combined["sizes"], combined["photos"]) == (
        ["a", "b", "c"],
        ["S", "M"],
        ["1.jpg", "2.jpg"],
    )


def test_what_only_a_later_offer_states_is_the_products():
    combined = products_of(
        offers({"product_id": 1, "brand": None, "usage": "a"}, {"product_id": 1, "brand": "B", "usage": "b"})
    ).row(0, named=True)
    assert (combined["brand"], combined["usage"]) == ("B", "a")


@pytest.mark.parametrize(
    ("in_stock", "expected"),
    [
        ([True, False], True),
        ([False, False], False),
        ([None, False], False),
        ([None, None], None),
        ([None, True], True),
    ],
)
def test_a_product_is_in_stock_if_any_size_is(in_stock, expected):
    combined = products_of(offers(*({"product_id": 1, "in_stock": state} for state in in_stock)))
    assert combined["in_stock"].item() is expected


def test_equal_prices_are_no_range():
    combined = products_of(offers({"product_id": 1, "price": 5.0}, {"product_id": 1, "price": 5.0}))
    assert combined["is_price_range"].item() is None
    one_unknown = products_of(offers({"product_id": 1, "price": 5.0}, {"product_id": 1}))
    assert one_unknown["price"].item() == 5.0
    assert one_unknown["is_price_range"].item() is None


def test_products_come_in_the_order_of_their_first_offers():
    combined = products_of(offers(*({"product_id": number} for number in (3, 1, 3, 2, 1))))
    assert combined["product_id"].to_list() == [3, 1, 2]
    assert products_of(offers()).is_empty()


def test_the_columns_are_the_same_with_and_without_variants():
    alone, several = (products_of(offers(*({"product_id": 1},) * count)) for count in (1, 2))
    assert dict(several.select(alone.columns).schema) == dict(alone.schema)
    assert len(several.columns) == len(alone.columns)


def test_what_has_neither_group_nor_size_is_no_variant():
    rows = offers({"sku": "a", "group_id": "g"}, {"sku": "b", "hidden": "M"}, {"sku": "c"})
    assert variants_of(rows).select("sku", "size").rows() == [("a", None), ("b", "M")]


def test_columns_may_say_what_is_visible(ingested):
    done = ingested(
        HEADER + "1,S,Red,M,5,1,r.jpg,Shirt,\n2,S,Red,L,6,0,r2.jpg,Shirt L,Soft\n"
        "3,S,,M,5,,n.jpg,Shirt,\n4,,Red,M,5,,x.jpg,Tie,\n",
        **BY_COLUMNS,
    )  # fmt: skip
    assert done.products.select("shop_id", "group_id", "skus", "sizes", "price", "description").rows() == [
        ("S/Red", "S", ["1", "2"], ["M", "L"], 5.0, "Soft"),
        ("S", "S", ["3"], ["M"], 5.0, None),
        ("4", None, None, ["M"], 5.0, None),
    ]
    assert done.products["more_photos"].to_list() == [["r2.jpg"], None, None]


def test_the_same_color_in_other_case_or_with_spaces_is_the_same_product(ingested):
    done = ingested(HEADER + "1,S,Red ,M,5,1,,a,\n2, S,Red,L,5,1,,a,\n", **BY_COLUMNS)
    assert done.products["shop_id"].to_list() == ["S/Red"]


def test_a_repeated_sku_is_quarantined_and_adds_nothing(ingested):
    done = ingested(HEADER + "1,S,Red,M,5,1,,a,\n1,S,Red,L,1,1,,a,\n", **BY_COLUMNS)
    assert done.products.select("price", "sizes").rows() == [(5.0, ["M"])]
    assert done.quarantined["reason"].to_list() == ["product id 1 is already taken by line 2"]


def test_an_id_that_meets_a_groups_name_takes_no_product_over(ingested):
    """`S/Red` is an id of its own here, and the name of a group's product as well."""
    done = ingested(HEADER + "1,S,Red,M,5,1,,Shirt,\nS/Red,,,,7,1,,Other,\n", **BY_COLUMNS)
    assert done.result.rows_in == done.result.accepted + done.result.further_variants + done.result.quarantined
    assert done.products["product_display_name"].to_list()[0] == "Shirt"
    assert done.products["price"].to_list()[0] == 5.0


def test_sizes_without_a_group_are_sizes_of_their_product(ingested):
    products = ingested('product_id,size\n1,"S, M, L"\n2,"36,5"\n3,\n').products
    assert products["sizes"].to_list() == [["S", "M", "L"], ["36,5"], None]


def test_without_rules_for_variants_every_row_is_a_product(ingested):
    done = ingested("product_id,style,size\n1,S,M\n2,S,L\n")
    assert done.products.select("shop_id", "skus").rows() == [("1", None), ("2", None)]


@pytest.mark.parametrize("others", [[], [{"product_id": 2, "sku": "b", "shop_id": "b"}] * 2])
def test_the_one_sku_of_a_product_with_another_id_is_kept(others):
    first = {"product_id": 1, "sku": "DRESS-RED-M", "shop_id": "dress/Red"}
    combined = products_of(offers(first, *others))
    assert combined["skus"].to_list() == [["DRESS-RED-M"], *([None] if others else [])]
