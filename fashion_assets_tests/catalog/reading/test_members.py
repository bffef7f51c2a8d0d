"""Members of nested cells as columns: which there are, what their cells say, and that nothing else changes."""

import json

import polars as pl
import pytest

from fashion_assets.catalog.reading.members import DEEPEST, MOST, member_names, with_members

COAT = {
    "id": 1,
    "price": {"amount": 49.90, "currency": "EUR"},
    "images": [{"thumb": "t1.jpg", "large": "a,1.jpg"}, {"thumb": "t2.jpg", "large": "a2.jpg"}],
    "details": {"Department": "womens", "care": {"wash": [30, 40]}, "lining": None},
}
SHIRT = {"id": 2, "price": None, "images": [], "details": {"Department": "", "new": True}}
NAMES = (
    *("price.amount", "price.currency", "images.thumb", "images.large"),
    *("details.Department", "details.care.wash", "details.new"),
)


@pytest.fixture(params=["json", "parquet"])
def table(request, load, tmp_path):
    if request.param == "json":
        return load("\n".join(map(json.dumps, [COAT, SHIRT]))).table
    pl.DataFrame([COAT, SHIRT]).write_parquet(tmp_path / "source.parquet")
    return load(tmp_path / "source.parquet").table


def test_members_are_named_by_their_path(table):
    fields = next(table.parts()).fields
    assert [name for column in table.nested for name in member_names(column, fields[column])] == [*NAMES]


def test_a_member_is_a_column_of_texts(table):
    names = ("images.large", "price.amount", "details.care.wash", "details.new", "details.lining", "id.x")
    wider = with_members(table, names)
    part = next(wider.parts())
    members = ("images.large", "price.amount", "details.care.wash", "details.new")
    assert wider.columns == (*table.columns, *members)
    assert part.fields.columns == [*wider.columns]
    assert part.fields.select(members).rows() == [
        ("a,1.jpg|a2.jpg", "49.9", "30,40", None),
        (None, None, None, "true"),
    ]
    assert part.fields.select(table.columns).equals(next(table.parts()).fields)


def test_a_table_without_such_members_stays_as_it_is(table, load):
    assert with_members(table, ["price", "price.sum", "pric.amount"]).columns == table.columns
    plain = load("id,price.amount\n1,2\n").table
    assert with_members(plain, ["price.amount", "id.x"]) is plain


def test_what_lies_too_deep_and_too_many_members_are_left_alone():
    deep = '{"a": ' * (DEEPEST + 3) + "1" + "}" * (DEEPEST + 3)
    name = "x" + ".a" * DEEPEST
    assert member_names("x", pl.Series([deep])) == (name,)
    wide = json.dumps(dict.fromkeys(map(str, range(3 * MOST)), "v"))
    assert len(member_names("x", pl.Series([wide, wide]))) == MOST
    assert member_names("x", pl.Series(["text", "[1, 2]", "[" * 100_000, None], dtype=pl.String)) == ()


def test_children_of_xml_that_repeat_are_all_there(load):
    pictures = "<pictures><picture>a.jpg</picture><picture>b.jpg</picture></pictures>"
    table = load(f"<feed><item><id>1</id>{pictures}</item></feed>", name="feed.xml").table
    assert next(with_members(table, ["pictures.picture"]).parts()).fields["pictures.picture"].to_list() == [
        "a.jpg,b.jpg"
    ]
