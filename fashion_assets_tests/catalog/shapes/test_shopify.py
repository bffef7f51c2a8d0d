"""Shopify's product export: variants and further photos in rows of their own, told apart as the shop means them."""

import csv
import io

import pytest

from fashion_assets.catalog.reading.table import SourceTable
from fashion_assets.errors import SourceError

SHOPIFY = {"preset": "shopify"}
COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To"),
    *("Option3 Name", "Option3 Value", "Variant SKU", "Variant Inventory Qty", "Variant Price"),
    *("Variant Compare At Price", "Image Src", "Image Position", "Variant Image", "Gift Card", "Status"),
    *("Color (product.metafields.shopify.color-pattern)", "Price / International"),
)
FIRST = {"Title": "Oxford Shirt", "Type": "Shirts", "Published": "true", "Gift Card": "false", "Status": "active"}
COLOR_AND_SIZE = {"Option1 Name": "Color", "Option2 Name": "Size"}


GERMAN = {"Option1 Name": "Größe", "Option2 Name": "Farbe"}
STYLES = {"Option1 Name": "Style", "Option2 Name": "Colour"}


def row(handle: str, **cells: str) -> dict[str, str]:
    """A row by columns, where `option1` is the value of the first option, and so on."""
    short = {
        "option1": "Option1 Value",
        "option2": "Option2 Value",
        "option3": "Option3 Value",
        "sku": "Variant SKU",
        "price": "Variant Price",
        "stock": "Variant Inventory Qty",
        "photo": "Image Src",
        "position": "Image Position",
        "own_photo": "Variant Image",
    }
    return {"Handle": handle} | {short.get(name, name): value for name, value in cells.items()}


def table(*rows: dict[str, str]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


SHIRT = table(
    row("oxford", **FIRST, **COLOR_AND_SIZE, option1="White", option2="S", sku="W-S", price="49.90", stock="0",
        photo="https://c.example/1.jpg?v=1", position="2"),
    row("oxford", option1="White", option2="M", sku="W-M", price="44.90", stock="2",
        photo="https://c.example/0.jpg", position="1"),
    row("oxford", option1="Blue", option2="S", sku="B-S", price="49.90", stock="0",
        own_photo="https://c.example/blue.jpg"),
    row("oxford", photo="https://c.example/3.jpg", position="3"),
)  # fmt: skip


def test_sizes_are_one_product_and_colors_are_products(ingested):
    done = ingested(SHIRT, source=SHOPIFY)
    products = done.products.select("shop_id", "group_id", "option", "base_color", "skus", "sizes", "price", "in_stock")
    assert products.rows() == [
        ("oxford/White", "oxford", "White", "White", ["W-S", "W-M"], ["S", "M"], 44.9, True),
        ("oxford/Blue", "oxford", "Blue", "Blue", ["B-S"], ["S"], 49.9, False),
    ]
    assert done.products["is_price_range"].to_list() == [True, None]
    assert done.variants.select("sku", "shop_id", "size", "price", "stock", "in_stock").rows() == [
        ("W-S", "oxford/White", "S", 49.9, "0", False),
        ("W-M", "oxford/White", "M", 44.9, "2", True),
        ("B-S", "oxford/Blue", "S", 49.9, "0", False),
    ]


def test_every_row_is_counted(ingested):
    result = ingested(SHIRT, source=SHOPIFY).result
    assert (result.rows_in, result.accepted, result.further_variants, result.continuations) == (4, 2, 1, 1)
    assert result.quarantined == 0


def test_every_row_says_what_the_products_first_row_says(ingested):
    products = ingested(SHIRT, source=SHOPIFY).products
    assert products["product_display_name"].to_list() == ["Oxford Shirt"] * 2
    assert products.select("master_category", "sub_category", "article_type").unique().rows() == [
        ("Apparel", "Topwear", "Shirts")
    ]


def test_photos_are_in_the_order_of_their_positions_after_the_variants_own(ingested):
    products = ingested(SHIRT, source=SHOPIFY).products
    of_all = [f"https://c.example/{name}" for name in ("0.jpg", "1.jpg?v=1", "3.jpg")]
    assert products["image_path"].to_list() == ["https://c.example/0.jpg", "https://c.example/blue.jpg"]
    assert products["more_photos"].to_list() == [of_all[1:], of_all]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_product_may_straddle_parts(ingested, monkeypatch, size):
    content = (
        SHIRT
        + table(
            row("belt", **FIRST | {"Title": "Belt"}, sku="T", photo="https://c.example/b.jpg", position="1"),
            row("belt", photo="https://c.example/b2.jpg", position="2"),
        ).partition("\n")[2]
    )
    whole = ingested(content, source=SHOPIFY)
    monkeypatch.setattr(SourceTable, "parts", lambda table: table.read_parts(size))
    in_parts = ingested(content, source=SHOPIFY)
    assert in_parts.result.rows_in == 6
    assert not any(changes.total for changes in in_parts.result.changes.values())
    assert in_parts.products.equals(whole.products)


def test_options_are_understood_by_their_names_product_by_product(ingested):
    products = ingested(
        table(
            row("a", **FIRST, **GERMAN, option1="M", option2="Rot", sku="1"),
            row("a", option1="L", option2="Rot", sku="2"),
            row("b", **FIRST, **{"Option1 Name": "Shoe size"}, option1="42", sku="3"),
            row("c", **FIRST, **STYLES, option1="Slim", option2="Red", sku="4"),
            row("c", option1="Wide", option2="Red", sku="5"),
        ),
        source=SHOPIFY,
    ).products  # fmt: skip
    assert products.select("shop_id", "base_color", "sizes").rows() == [
        ("a/Rot", "Rot", ["M", "L"]),
        ("b", None, ["42"]),
        ("c/Slim / Red", "Red", None),
        ("c/Wide / Red", "Red", None),
    ]


def test_the_shop_may_say_which_options_show(ingested):
    rows = table(
        row("a", **FIRST, **{"Option1 Name": "Fit", "Option2 Name": "Size"}, option1="Slim", option2="S", sku="1"),
        row("a", option1="Wide", option2="S", sku="2"),
    )
    hidden = ingested(rows, source=SHOPIFY, variants={"hidden": ["fit"]}).products
    assert hidden.select("shop_id", "skus").rows() == [("a", ["1", "2"])]
    visible = ingested(rows, source=SHOPIFY, variants={"visible": ["Size"]}).products
    assert visible["shop_id"].to_list() == ["a/Slim / S", "a/Wide / S"]


def test_the_default_title_is_no_option(ingested):
    products = ingested(
        table(row("belt", **FIRST, **{"Option1 Name": "Title"}, option1="Default Title", sku="T-1")), source=SHOPIFY
    ).products
    assert products.select("shop_id", "option", "sizes").row(0) == ("belt", None, None)


def test_variants_without_skus_are_told_apart_by_their_options(ingested):
    done = ingested(
        table(
            row("oxford", **FIRST, **COLOR_AND_SIZE, option1="White", option2="S", price="1"),
            row("oxford", option1="White", option2="M", price="1"),
        ),
        source=SHOPIFY,
    )
    assert done.variants["sku"].to_list() == ["oxford/White/S", "oxford/White/M"]
    assert done.products["shop_id"].to_list() == ["oxford/White"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Status": "draft"}, "Status is 'draft'"),
        ({"Status": "Archived"}, "Status is 'Archived'"),
        ({"Published": "FALSE"}, "Published is 'FALSE'"),
        ({"Gift Card": "true"}, "Gift Card is 'true'"),
        ({"Type": "Gift Cards"}, "the category is 'Gift Cards'"),
        ({"Product Category": "Gift Cards", "Type": ""}, "the category is 'Gift Cards'"),
    ],
)
def test_what_is_not_on_sale_is_left_out_with_all_its_variants(ingested, cells, reason):
    done = ingested(
        table(
            row("a", **FIRST | cells, **COLOR_AND_SIZE, option1="White", option2="S", sku="1"),
            row("a", option1="White", option2="M", sku="2"),
            row("a", photo="https://c.example/1.jpg"),
            row("b", **FIRST, sku="3"),
        ),
        source=SHOPIFY,
    )
    assert done.products["shop_id"].to_list() == ["b"]
    assert done.quarantined.select("kind", "reason").unique().rows() == [("excluded", reason)]
    assert (done.result.quarantined, done.result.continuations) == (2, 1)


def test_the_price_before_a_reduction_is_kept(ingested):
    products = ingested(
        table(
            row("a", **FIRST, sku="1", price="89.00", **{"Variant Compare At Price": "119.00"}),
            row("b", **FIRST, sku="2", price="89.00", **{"Variant Compare At Price": "0.00"}),
        ),
        source=SHOPIFY,
    ).products
    assert products.select("price", "list_price").rows() == [(89.0, 119.0), (89.0, None)]


def test_a_header_in_other_case_is_the_same_table(ingested):
    header, _, rows = SHIRT.partition("\n")
    products = ingested(f"{header.lower()}\n{rows}", source=SHOPIFY).products
    assert products["shop_id"].to_list() == ["oxford/White", "oxford/Blue"]


TEMPLATE = {
    "Handle": "URL handle",
    "Body (HTML)": "Description",
    "Published": "Published on online store",
    "Variant SKU": "SKU",
    "Variant Price": "Price",
    "Variant Compare At Price": "Compare-at price",
    "Variant Inventory Qty": "Inventory quantity",
    "Image Src": "Product image URL",
    "Variant Image": "Variant image URL",
    "Option1 Name": "Option1 name",
    "Option1 Value": "Option1 value",
}


def test_the_newer_template_is_the_same_table(ingested):
    header, _, rows = SHIRT.partition("\n")
    newer = ",".join(TEMPLATE.get(name, name) for name in header.strip().split(","))
    assert len(ingested(SHIRT, source=SHOPIFY).products) == 2
    again = ingested(f"{newer}\n{rows}", source=SHOPIFY)
    assert not any(changes.total for changes in again.result.changes.values())


def test_a_table_of_another_shape_is_refused(opened):
    with pytest.raises(SourceError, match="Handle"):
        opened("Variant SKU,Title\n1,x\n", source=SHOPIFY)


def test_a_row_without_a_handle_is_a_product_of_its_own_or_quarantined(ingested):
    done = ingested(table(row("", **FIRST, sku="1"), row("", **FIRST, sku="2"), row("a", **FIRST)), source=SHOPIFY)
    assert done.result.rows_in == done.result.accepted + done.result.quarantined == 3
    assert done.products["shop_id"].to_list() == ["1", "2", "a"]


def test_rows_of_a_product_that_others_interrupt_stay_one_product(ingested):
    done = ingested(
        table(
            row("a", **FIRST, **COLOR_AND_SIZE, option1="White", option2="S", sku="1"),
            row("b", **FIRST | {"Title": "Belt"}, sku="2"),
            row("a", option1="White", option2="M", sku="3"),
        ),
        source=SHOPIFY,
    )
    assert done.products.select("shop_id", "product_display_name").rows() == [
        ("a/White", "Oxford Shirt"),
        ("b", "Belt"),
    ]
