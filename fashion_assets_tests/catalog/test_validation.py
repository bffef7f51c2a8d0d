"""Each rule for rows: what is quarantined with its reason, and what is read, noted or left out instead."""

import random

import pytest

from fashion_assets.catalog.tables import PHOTOS

HEADER = "product_id,price,image_path,year,product_display_name\n"
TEMPLATE = {"path": "p/{id}/{id}.jpg"}


@pytest.mark.parametrize(
    ("row", "kind", "reason"),
    [
        (",1,a.jpg,2012,x", "product_id", "the product id is missing"),
        ("#N/A,1,a.jpg,2012,x", "product_id", "the product id is missing"),
        ("1,-0.01,a.jpg,2012,x", "price", "price '-0.01' is negative"),
        ("1,1,../a.jpg,2012,x", "photo_path", "photo path '../a.jpg' leaves the photos folder"),
        ("1,1,a/../../b.jpg,2012,x", "photo_path", "photo path 'a/../../b.jpg' leaves the photos folder"),
        ("1,1", "malformed_row", "2 fields where the header has 5"),
    ],
)
def test_each_rule_quarantines_with_its_reason(ingested, row, kind, reason):
    done = ingested(f"{HEADER}{row}\n5,1,ok.jpg,2012,fine\n")
    assert done.quarantined.select("line_number", "kind", "reason", "raw_line").rows() == [(2, kind, reason, row)]
    assert done.products["product_id"].to_list() == [5]


@pytest.mark.parametrize(
    ("text", "shop_id", "key"),
    [
        ("123", "123", 123),
        (" 123 ", "123", 123),
        ("12.0", "12", 12),
        ("0012", "0012", -1),
        ("WS-7/b", "WS-7/b", -1),
        ("9223372036854775807", "9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808", -1),
        ("-4", "-4", -1),
    ],
)
def test_an_id_is_text_as_it_stands_and_its_key_an_integer(ingested, text, shop_id, key):
    products = ingested(f"{HEADER}{text},1,a.jpg,2012,x\n").products
    assert products.select("shop_id", "product_id").row(0) == (shop_id, key)


@pytest.mark.parametrize(
    ("text", "price"),
    [("0", 0.0), ("12.50", 12.5), ("", None), ("NA", None), ("$4", 4.0), ("abc", None), ("inf", None), ("nan", None)],
)
def test_a_price_is_read_or_missing_and_never_costs_the_product(ingested, text, price):
    done = ingested(f"{HEADER}1,{text},a.jpg,2012,x\n")
    assert done.products["price"].item() == price
    assert done.result.unreadable == ({"unreadable prices": 1} if text in ("abc", "inf") else {})


def test_prices_are_read_by_the_decimal_sign_of_the_whole_column(ingested):
    rows = "1;1.299,00 €;a\n2;49,90;b\n3;1.500;c\n4;89;d\n"
    products = ingested("product_id;price;product_display_name\n" + rows).products
    assert products["price"].to_list() == [1299.0, 49.9, 1500.0, 89.0]
    assert products["currency"].to_list() == ["EUR", None, None, None]


def test_a_reduced_price_is_the_price_and_the_other_is_kept(ingested):
    rows = "1,50,40,\n2,50,60,\n3,,30,\n4,50,,80\n5,50,,20\n6,,30,60\n"
    header = "product_id,price,sale_price,list_price\n"
    products = ingested(header + rows, price={"currency": "EUR"}).products
    assert products.select("price", "list_price").rows() == [
        (40.0, 50.0),
        (50.0, None),
        (30.0, None),
        (50.0, 80.0),
        (50.0, None),
        (30.0, 60.0),
    ]
    assert set(products["currency"]) == {"EUR"}


def test_of_a_range_the_lowest_price_counts_and_is_flagged(ingested):
    products = ingested(f"{HEADER}1,Rs. 1,a.jpg,2012,x\n" + '2,"Rs.1,499 - Rs.1,699",a.jpg,2012,y\n').products
    assert products.select("price", "is_price_range").rows() == [(1.0, None), (1499.0, True)]


@pytest.mark.parametrize(
    ("text", "year", "unreadable"),
    [("2012", 2012, {}), ("2012.0", 2012, {}), ("", None, {}), ("soon", None, {"unreadable years": 1})],
)
def test_an_invalid_year_becomes_null_and_is_counted(ingested, text, year, unreadable):
    done = ingested(f"{HEADER}1,1,a.jpg,{text},x\n")
    assert done.products["year"].item() == year
    assert done.result.unreadable == unreadable


def test_a_missing_name_is_no_reason(ingested):
    assert ingested(f"{HEADER}1,1,a.jpg,2012,NA\n").products["product_display_name"].item() is None


@pytest.mark.parametrize("word", ["#N/A", "None", "-", "n/a", "NULL", ""])
def test_missing_is_missing_in_every_spelling(ingested, word):
    products = ingested(f"product_id,base_color,usage,season\n1,{word},{word},Fall\n").products
    assert products.select("base_color", "usage", "season").row(0) == (None, None, "Fall")


def test_texts_lose_entities_and_tags(ingested):
    rows = "1,Caf&eacute; <b>Shirt</b>,<p>100&nbsp;%</p><p>cotton</p>\n2,A <3 B,x\n"
    products = ingested("product_id,product_display_name,description\n" + rows).products
    assert products["product_display_name"].to_list() == ["Café Shirt", "A <3 B"]
    assert products["description"].to_list() == ["100 % cotton", "x"]


def test_the_first_valid_row_of_an_id_wins(ingested):
    rows = "7,-1,a.jpg,2012,bad\n7,1,a.jpg,2012,first\n7,2,a.jpg,2012,second\n7,-3,a.jpg,2012,worse\n"
    done = ingested(HEADER + rows)
    assert done.products["product_display_name"].to_list() == ["first"]
    assert done.quarantined["reason"].to_list() == [
        "price '-1' is negative",
        "product id 7 is already taken by line 3",
        "price '-3' is negative",
    ]


def test_a_rows_own_photo_takes_precedence_over_the_template(ingested):
    lines = HEADER + "1,1,own/a.jpg,2012,x\n02,1,,2012,x\n"
    assert ingested(lines, photos=TEMPLATE).products["image_path"].to_list() == ["own/a.jpg", "p/02/02.jpg"]


def test_paths_as_shops_write_them_are_below_the_photos_folder(ingested):
    rows = "1,1,/m/a.jpg,2012,x\n2,1,b\\c.jpg,2012,x\n3,1,./d.jpg,2012,x\n"
    assert ingested(HEADER + rows).products["image_path"].to_list() == ["m/a.jpg", "b/c.jpg", "d.jpg"]


def test_the_first_of_several_photos_is_the_main_one(ingested):
    products = ingested(HEADER + '1,1,"a.jpg, b.jpg, c.jpg",2012,x\n').products
    assert products.select("image_path", "more_photos").row(0) == ("a.jpg", ["b.jpg", "c.jpg"])


def test_an_address_is_said_to_be_one(ingested):
    done = ingested(HEADER + "1,1,https://cdn.example/a.jpg,2012,x\n")
    (problem,) = done.store.read(PHOTOS)["problem"]
    assert "web address" in problem


def test_rows_that_the_shop_excludes_are_left_out_with_its_reason(ingested):
    done = ingested("product_id,usage,status\n1,a,active\n2,a,Draft\n", exclude={"status": ["draft"]})
    assert done.products["shop_id"].to_list() == ["1"]
    assert done.quarantined.select("kind", "reason").rows() == [("excluded", "status is 'Draft'")]


def test_words_of_the_reference_are_known_whatever_their_case(ingested):
    header = "product_id,master_category,sub_category,article_type\n"
    products = ingested(header + "1,apparel,TOPWEAR,t-shirt\n2,Apparel,Topwear,Tshirts\n").products
    assert set(products.select("master_category", "sub_category", "article_type").rows()) == {
        ("Apparel", "Topwear", "Tshirts")
    }
    assert products["category"].to_list() == ["apparel > TOPWEAR > t-shirt", None]


@pytest.mark.parametrize(
    "written", ['["Clothing, Shoes","Women","Dresses"]', "['Clothing, Shoes', 'Women', 'Dresses']"]
)
def test_a_category_that_is_a_list_is_a_path(ingested, written):
    cell = written.replace('"', '""')
    products = ingested(f'product_id,category\n1,"{cell}"\n2,[x\n3,[]\n', columns={"category": "category"}).products
    assert products["category"].to_list() == ["Clothing, Shoes > Women > Dresses", "[x", "[]"]
    assert products.select("article_type", "gender").row(0) == ("Dresses", "Women")


def test_category_words_without_a_kind_are_kept_and_noted(ingested):
    done = ingested("product_id,category\n1,Xyzzy > Plugh\n", columns={"category": "category"})
    assert done.products.select("master_category", "article_type", "category").row(0) == (
        None,
        "Plugh",
        "Xyzzy > Plugh",
    )
    assert done.result.unreadable == {"category words without a kind": 1}


def test_rows_in_are_rows_out_and_quarantined(ingested):
    chance = random.Random(0)
    ids = [str(chance.randrange(200)) for _ in range(300)]
    rows = [f"{shop_id},{chance.choice(['1', '-1', 'x'])},a.jpg,2012,n" for shop_id in ids]
    result = ingested(HEADER + "\n".join(rows)).result
    assert result.rows_in == 300 == result.accepted + result.quarantined


def test_the_decimal_sign_that_the_shop_states_counts(ingested):
    table = "product_id,price\n1,1.500\n2,2.750\n"
    assert ingested(table).products["price"].to_list() == [1500.0, 2750.0]
    assert ingested(table, price={"decimal": "."}).products["price"].to_list() == [1.5, 2.75]
