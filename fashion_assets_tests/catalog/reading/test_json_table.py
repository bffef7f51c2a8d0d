"""JSON as a table: lines, an array, a document that holds one."""

import json

import pytest

from fashion_assets.errors import SourceError

PRODUCTS = [
    {"id": 12, "sku": "0012", "price": 49.90, "tags": ["women", "summer"], "on": True},
    {"id": 13.0, "name": "Rock", "images": ["https://x/w_3,h_2/a.jpg", "b.jpg"], "sizes": [36, 38], "price": None},
]
COLUMNS = ("id", "sku", "price", "tags", "on", "name", "images", "sizes")
ROWS = [
    ("12", "0012", "49.9", "women,summer", "true", None, None, None),
    ("13", None, None, None, None, "Rock", "https://x/w_3,h_2/a.jpg|b.jpg", "[36, 38]"),
]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, PRODUCTS)),
        "\ufeff" + "\r\n\r\n".join(map(json.dumps, PRODUCTS)) + "\n",
        json.dumps(PRODUCTS),
        json.dumps(PRODUCTS, indent=2),
        json.dumps({"products": PRODUCTS}),
        json.dumps({"page": {"next": None}, "products": PRODUCTS, "tags": ["x"]}, indent=1),
        "\n".join(json.dumps(product, indent=1) for product in PRODUCTS),
    ],
    ids=["lines", "lines with a mark", "array", "indented array", "document", "indented document", "sequence"],
)
@pytest.mark.parametrize("name", ["products.json", "products.csv"])
def test_objects_are_rows_and_their_keys_columns(load, text, name):
    read = load(text, name=name)
    assert (read.columns, read.rows) == (COLUMNS, ROWS)
    assert read.table.nested == {"sizes": "JSON"}
    assert [json.loads(raw) for raw in read.raws] == PRODUCTS
    assert read.problems == [None, None]


def test_numbers_keep_their_digits(load):
    read = load(
        '{"id": 40063813339310000001, "price": 1.10, "x": {"n": 1.50, "m": 2}}\n{"id": 5.00, "price": -0.5e3}\n'
    )
    assert read.rows == [("40063813339310000001", "1.10", '{"n": 1.5, "m": 2}'), ("5", "-0.5e3", None)]


def test_lines_that_are_no_objects_are_problems(load):
    read = load('{"id": 1}\nnot json\n\n[1]\n{"id": 2}\n')
    assert (read.of("id"), read.numbers) == (["1", None, None, "2"], [1, 2, 4, 5])
    assert read.problems == [None, "the line is not a JSON object", "the line is not a JSON object", None]
    assert read.raws[1] == "not json"


def test_items_that_are_no_objects_are_problems(load):
    assert load('[{"id": 1}, 7, {"id": 2}]').problems == [None, "the item is not a JSON object", None]


def test_text_that_no_utf_8_holds_is_replaced(load):
    assert load('{"id": "a\\ud800b"}\n').rows == [("a\ufffdb",)]
    read = load('{"id": "Crème brûlée"}\n'.encode() + b'{"id": "caf\xe9"}\n')
    assert read.problems == [None, "byte 0xe9 is not UTF-8; save the source as UTF-8"]


def test_an_array_is_read_through_a_small_window(load, monkeypatch):
    monkeypatch.setattr("fashion_assets.catalog.reading.json_table._CHUNK", 7)
    read = load(json.dumps([{"id": number, "body": "x" * number} for number in range(40)]), rows=9)
    assert read.of("id") == [str(number) for number in range(40)]
    assert read.numbers == [*range(1, 41)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"id": 1}, {"id": ', "not well-formed JSON"),
        ('[{"id": 1} {"id": 2}]', "no comma after item 1"),
        ('[{"id": 1}][{"id": 2}]', "text after the array"),
        ("[]", "JSON without an object"),
        ('[["id"], ["1"]]', "JSON without an object"),
        ('{"id": ', "not well-formed JSON"),
        ("[" * 100_000, "not well-formed JSON"),
    ],
)
def test_json_that_cannot_be_read_is_one_sentence(load, text, words):
    with pytest.raises(SourceError, match=words):
        load(text)


def test_a_header_may_begin_with_a_bracket(load):
    assert load("[id],{name}\n1,a\n").columns == ("[id]", "{name}")
