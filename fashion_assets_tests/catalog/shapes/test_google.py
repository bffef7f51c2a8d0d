"""Google Merchant Center's product data: the same offers from text and from XML."""

import pytest

GOOGLE = {"preset": "google"}
ROWS = [
    {
        "id": "A-1",
        "title": "Slim Chinos",
        "link": "https://s.example/1",
        "image_link": "https://c.example/1,a.jpg",
        "additional_image_link": "https://c.example/2.jpg,https://c.example/3.jpg",
        "availability": "in_stock",
        "price": "59.95 EUR",
        "sale_price": "49.95 EUR",
        "google_product_category": "204",
        "product_type": "Men > Trousers > Chinos",
        "item_group_id": "CH",
        "color": "Khaki",
        "size": "M",
        "gender": "male",
        "age_group": "adult",
        "material": "cotton",
        "brand": "Verano",
    },
    {
        "id": "A-2",
        "title": "Slim Chinos",
        "image_link": "https://c.example/1,a.jpg",
        "availability": "out of stock",
        "price": "59.95 EUR",
        "google_product_category": "204",
        "item_group_id": "CH",
        "color": "Khaki",
        "size": "L",
        "gender": "male",
        "age_group": "adult",
    },
    {
        "id": "A-3",
        "title": "Rain Jacket",
        "image_link": "https://c.example/9.jpg",
        "availability": "preorder",
        "price": "1,249.00 USD",
        "google_product_category": "Apparel & Accessories > Clothing > Outerwear > Coats & Jackets",
        "color": "Yellow/Navy",
        "gender": "female",
        "age_group": "kids",
        "pattern": "striped",
    },
]
COLUMNS = list(dict.fromkeys(name for row in ROWS for name in row))


def as_text(rows=ROWS, prefix: str = "") -> str:
    lines = [[prefix + name for name in COLUMNS], *([row.get(name, "") for name in COLUMNS] for row in rows)]
    return "\n".join("\t".join(line) for line in lines)


def as_xml(rows=ROWS) -> str:
    def items(name: str, value: str) -> str:
        values = value.split(",https") if name == "additional_image_link" else [value]
        values = [values[0], *(f"https{rest}" for rest in values[1:])]
        texts = (value.replace("&", "&amp;").replace(">", "&gt;") for value in values)
        return "".join(f"<g:{name}>{text}</g:{name}>" for text in texts)

    written = "".join(f"<item>{''.join(items(*cell) for cell in row.items())}</item>" for row in rows)
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
        f"<title>Shop</title><link>https://s.example</link>{written}</channel></rss>"
    )


@pytest.fixture(params=[as_text, as_xml], ids=["text", "xml"])
def feed(request) -> str:
    return request.param()


def test_sizes_of_a_group_are_one_product(ingested, feed):
    done = ingested(feed, source=GOOGLE)
    products = done.products.select("shop_id", "group_id", "option", "skus", "sizes", "in_stock")
    assert products.rows() == [
        ("CH/Khaki", "CH", "Khaki", ["A-1", "A-2"], ["M", "L"], True),
        ("A-3", None, None, None, None, True),
    ]
    assert (done.result.rows_in, done.result.further_variants, done.result.quarantined) == (3, 1, 0)


def test_prices_have_their_currency_and_reductions(ingested, feed):
    products = ingested(feed, source=GOOGLE).products
    assert products.select("price", "list_price", "currency").rows() == [(49.95, 59.95, "EUR"), (1249.0, None, "USD")]


def test_photos_are_the_main_one_and_the_additional_ones(ingested, feed):
    products = ingested(feed, source=GOOGLE).products
    assert products["image_path"].to_list() == ["https://c.example/1,a.jpg", "https://c.example/9.jpg"]
    assert products["more_photos"].to_list() == [["https://c.example/2.jpg", "https://c.example/3.jpg"], None]


def test_gender_and_age_are_one_word_of_ours(ingested, feed):
    assert ingested(feed, source=GOOGLE).products["gender"].to_list() == ["Men", "Girls"]


def test_categories_are_those_of_the_shop_or_else_googles(ingested, feed):
    products = ingested(feed, source=GOOGLE).products
    assert products.select("master_category", "sub_category", "article_type").rows() == [
        ("Apparel", "Bottomwear", "Trousers"),
        ("Apparel", "Topwear", "Jackets"),
    ]
    assert products["category"].to_list() == ["Men > Trousers > Chinos", ROWS[2]["google_product_category"]]


def test_stated_attributes_are_kept(ingested, feed):
    assert ingested(feed, source=GOOGLE).products["given"].to_list() == [
        '{"material":"cotton","pattern":null}',
        '{"material":null,"pattern":"striped"}',
    ]


def test_a_text_feed_may_have_the_prefix_of_xml(ingested):
    products = ingested(as_text(prefix="g:"), source=GOOGLE).products
    assert products["shop_id"].to_list() == ["CH/Khaki", "A-3"]


def test_rows_that_are_alike_in_all_but_the_id_are_one_product(ingested):
    alike = [{"id": str(number), "title": "Belt", "item_group_id": "B"} for number in (1, 2)]
    products = ingested(as_text(alike), source=GOOGLE).products
    assert products.select("shop_id", "skus").rows() == [("B", ["1", "2"])]
