import random

import polars as pl
import pytest

from fashion_assets.catalog.columns import column_mapping
from fashion_assets.catalog.source import read_source
from fashion_assets.catalog.tables import SOURCE_COLUMNS
from fashion_assets.catalog.validation import ValidatedRows, validate

HEADER = "product_id,price,image_path,year,product_display_name\n"


@pytest.fixture
def judge(read):
    def judge(lines: str, photo_path: str | None = None) -> ValidatedRows:
        return validate(read(HEADER + lines), column_mapping(photo_path=photo_path))

    return judge


@pytest.mark.parametrize(
    ("row", "kind", "reason"),
    [
        ("abc,1,a.jpg,2012,x", "product_id", "product id 'abc' is not a whole number"),
        ("1e3,1,a.jpg,2012,x", "product_id", "product id '1e3' is not a whole number"),
        ("12.5,1,a.jpg,2012,x", "product_id", "product id '12.5' is not a whole number"),
        ("१२,1,a.jpg,2012,x", "product_id", "product id '१२' is not a whole number"),
        ("-4,1,a.jpg,2012,x", "product_id", "product id '-4' is negative"),
        (
            "9223372036854775808,1,a.jpg,2012,x",
            "product_id",
            "product id '9223372036854775808' does not fit into 64 bits (largest: 9223372036854775807)",
        ),
        (",1,a.jpg,2012,x", "product_id", "the product id is missing"),
        ("1,$4,a.jpg,2012,x", "price", "price '$4' is not a number"),
        ("1,-nan,a.jpg,2012,x", "price", "price '-nan' is not a number"),
        ("1,-0.01,a.jpg,2012,x", "price", "price '-0.01' is negative"),
        ("1,inf,a.jpg,2012,x", "price", "price 'inf' is infinite"),
        ("1,-inf,a.jpg,2012,x", "price", "price '-inf' is infinite"),
        (
            "1,1,/etc/a.jpg,2012,x",
            "photo_path",
            "photo path '/etc/a.jpg' is absolute; it must lie below the photos folder",
        ),
        ("1,1,c:/a.jpg,2012,x", "photo_path", "photo path 'c:/a.jpg' is absolute; it must lie below the photos folder"),
        ("1,1,../a.jpg,2012,x", "photo_path", "photo path '../a.jpg' leaves the photos folder"),
        ("1,1,a/../../b,2012,x", "photo_path", "photo path 'a/../../b' leaves the photos folder"),
        ("1,1,a/..,2012,x", "photo_path", "photo path 'a/..' leaves the photos folder"),
        ("1,1,a\\b.jpg,2012,x", "photo_path", "photo path 'a\\b.jpg' holds a backslash or a NUL byte; use '/'"),
        ("1,1", "malformed_row", "2 fields where the header has 5"),
    ],
)
def test_each_rule_quarantines_with_its_reason(judge, row, kind, reason):
    validated = judge(f"{row}\n5,1,ok.jpg,2012,fine\n")
    assert validated.quarantined.rows() == [(2, kind, reason, row)]
    assert validated.accepted["product_id"].to_list() == [5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("123", 123),
        (" 123 ", 123),
        ("12.0", 12),
        ("0012", 12),
        ("+12", 12),
        ("0", 0),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_forms_of_an_id(judge, text, number):
    assert judge(f"{text},1,a.jpg,2012,x\n").accepted["product_id"].item() == number


@pytest.mark.parametrize(("text", "price"), [("0", 0.0), ("12.50", 12.5), ("1e3", 1000.0), ("", None), ("NA", None)])
def test_forms_of_a_price(judge, text, price):
    assert judge(f"1,{text},a.jpg,2012,x\n").accepted["price"].item() == price


@pytest.mark.parametrize(
    ("text", "year", "unreadable"),
    [
        ("2012", 2012, 0),
        ("2012.0", 2012, 0),
        ("", None, 0),
        ("soon", None, 1),
        ("12", None, 1),
        ("99999999999", None, 1),
    ],
)
def test_an_invalid_year_becomes_null_and_is_counted(judge, text, year, unreadable):
    validated = judge(f"1,1,a.jpg,{text},x\n")
    assert validated.accepted["year"].item() == year
    assert validated.unreadable_years == unreadable


def test_a_missing_name_is_no_reason(judge):
    assert judge("1,1,a.jpg,2012,NA\n").accepted["product_display_name"].item() is None


def test_the_first_valid_row_of_an_id_wins(judge):
    validated = judge("7,-1,a.jpg,2012,bad\n7,1,a.jpg,2012,first\n07,2,a.jpg,2012,second\n7,-3,a.jpg,2012,worse\n")
    assert validated.accepted["product_display_name"].to_list() == ["first"]
    assert validated.quarantined["reason"].to_list() == [
        "price '-1' is negative",
        "product id 7 is already taken by line 3",
        "price '-3' is negative",
    ]


def test_a_rows_own_photo_path_takes_precedence_over_the_template(judge):
    lines = "1,1,own/a.jpg,2012,x\n2,1,,2012,x\n"
    assert judge(lines, "p/{id}/{id}.jpg").accepted["image_path"].to_list() == ["own/a.jpg", "p/2/2.jpg"]
    assert judge(lines).accepted["image_path"].to_list() == ["own/a.jpg", None]


def test_a_template_cannot_leave_the_photos_folder(judge):
    assert judge("2,1,,2012,x\n", "../{id}.jpg").quarantined["kind"].to_list() == ["photo_path"]


def test_two_dots_in_a_file_name_are_fine(judge):
    assert len(judge("1,1,a..b/c..jpg,2012,x\n").accepted) == 1


def test_reasons_show_long_values_shortened(judge):
    reason = judge(f"{'x' * 500},1,a.jpg,2012,x\n").quarantined["reason"].item()
    assert reason == f"product id '{'x' * 80}...' is not a whole number"


def test_accepted_rows_have_the_tables_columns(judge):
    schema = judge("1,1,a.jpg,2012,x\n").accepted.schema
    assert dict(schema) == {column.name: column.dtype for column in SOURCE_COLUMNS}


def test_parquet_ids_that_are_floats(tmp_path):
    frame = pl.DataFrame({"product_id": [1.0, 2.5, None, 1e20, float("inf")], "usage": ["x"] * 5})
    frame.write_parquet(tmp_path / "source.parquet")
    mapping = column_mapping()
    validated = validate(read_source(tmp_path / "source.parquet", mapping), mapping)
    assert validated.accepted["product_id"].to_list() == [1]
    assert validated.quarantined["line_number"].to_list() == [2, 3, 4, 5]


def test_rows_in_are_rows_out_and_quarantined_whatever_the_source_holds(read):
    chance = random.Random(3)
    ids = ["1", "2", "3", " 4", "5.0", "x", "", "-1", "NA", '"6', '7"', "99999999999999999999", "\0", "8,9"]
    others = ["", "NA", "1", "-1", "inf", "a.jpg", "../a", "x,y", '"x,y"', '"x\ny"', '"', "é", "\\", "2012", "nan", " "]
    mapping = column_mapping(photo_path="images/{id}.jpg")
    for _ in range(100):
        lines = [",".join([chance.choice(ids), *chance.choices(others, k=chance.randint(0, 6))]) for _ in range(30)]
        source = read(HEADER + "\n".join(lines))
        validated = validate(source, mapping)
        kept = validated.quarantined["line_number"].to_list()
        assert len(source.rows) == len(validated.accepted) + len(kept)
        assert set(kept) <= set(source.rows["line_number"])
        assert validated.accepted["product_id"].is_unique().all()
        assert validated.quarantined["reason"].null_count() == 0
        assert validated.quarantined["kind"].null_count() == 0
