import io

import pytest

from fashion_assets.catalog.reading.csv_records import record_blocks, text_lines, without_marks
from fashion_assets.catalog.reading.dialect import Dialect

HEADER = "product_id,usage,product_display_name\n"


def records(text: str | bytes, width: int = 3, **options):
    """Line number, text and fields of each record, whatever the blocks."""
    data = text.encode() if isinstance(text, str) else text
    lines = text_lines(io.BytesIO(data))
    blocks = record_blocks(lines, Dialect(**options), width=width, number=2)
    return [record for block in blocks for record in zip(block.line_numbers, block.raws, block.rows, strict=True)]


def repaired(text: str, width: int = 3) -> int:
    blocks = record_blocks(io.StringIO(text, newline=""), Dialect(), width=width)
    return sum(block.repaired for block in blocks)


def fields(text: str | bytes) -> list[list[str]]:
    return [fields for _, _, fields in records(text)]


def test_quoted_delimiters_quotes_and_newlines_belong_to_the_field():
    text = '1,x,"a, b"\n2,x,"say ""hi"""\n3,x,"two\nlines"\n4,x,y\n'
    assert fields(text) == [["1", "x", "a, b"], ["2", "x", 'say "hi"'], ["3", "x", "two\nlines"], ["4", "x", "y"]]
    assert [number for number, _, _ in records(text)] == [2, 3, 4, 6]
    assert records(text)[2][1] == '3,x,"two\nlines"'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    assert fields(f"1,x,a{end}{end}2,x,b") == [["1", "x", "a"], ["2", "x", "b"]]


def test_only_line_ends_end_lines():
    assert fields("1,x,a\x0cb\u2028c\x85d\n") == [["1", "x", "a\x0cb\u2028c\x85d"]]


@pytest.mark.parametrize(
    "text",
    [
        '1,x,"Foo\n2,x,Bar\n3,x,Baz\n',  # never closed
        '1,x,"Foo\n2,x,Bar\n3,x,12" strap\n',  # closed by a stray quote within a name
        '1,"x" y,"Foo\n2,x,Bar\n3,x,Baz\n',  # never closed, with another stray quote
        '1,x,"Foo\n2,x,Bar\n3,x,"Baz"\n',  # closed by the quote that opens another name
        '1,"Foo,x\n2,x,Bar\n3,x,"\n',  # closed by a stray quote, which leaves too few fields
        '1,"Foo,x\n2,x,Bar\n3,x,Baz\n',  # never closed, and not in the last column
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_rows(text):
    assert [row[0] for row in fields(text)] == ["1", "2", "3"]
    assert fields(text)[1] == ["2", "x", "Bar"]
    assert repaired(text) >= 1


def test_what_the_rules_allow_is_no_stray_quote():
    text = '1,x,"Foo\n2,x,Bar\n3,x,Baz"\n4,x,y\n'
    assert fields(text) == [["1", "x", "Foo\n2,x,Bar\n3,x,Baz"], ["4", "x", "y"]]
    assert repaired(text) == 0


@pytest.mark.parametrize("table", ["36,38,40\n37,39,41", "36;38;40;42", "S,M,L,XL\n\n1,2,3,4", "1\n2\n3"])
def test_a_size_table_in_quotes_invents_no_rows(table):
    text = f'1,"Sizes:\n{table}\nEnd",Shirt\n2,short,Belt\n'
    assert fields(text) == [["1", f"Sizes:\n{table}\nEnd", "Shirt"], ["2", "short", "Belt"]]
    assert repaired(text) == 0


def test_a_broken_row_keeps_its_size_table():
    text = '1,"Slim" fit,"Sizes:\n36,38,40,42\nEnd",x\n2,a,b,c\n'
    assert [row for _, _, row in records(text, width=4)] == [
        ["1", "Slim fit", "Sizes:\n36,38,40,42\nEnd", "x"],
        ["2", "a", "b", "c"],
    ]
    assert repaired(text, width=4) == 1
    text = '1,"Slim" fit,"Sizes:\n36,38,40\n37,39,41"\n2,a,b\n'
    assert fields(text) == [["1", "Slim fit", "Sizes:\n36,38,40\n37,39,41"], ["2", "a", "b"]]
    assert repaired(text) == 1


def test_a_record_is_read_to_its_end_however_few_lines_are_held():
    text = '1,x,"a' + "\nb" * 50 + '"\n2,x,c\n'
    lines = io.StringIO(text, newline="")
    blocks = list(record_blocks(lines, Dialect(), width=3, size=2))
    assert [row for block in blocks for row in block.rows] == [["1", "x", "a" + "\nb" * 50], ["2", "x", "c"]]
    assert [number for block in blocks for number in block.line_numbers] == [1, 52]


def test_rows_below_a_quote_that_is_never_closed_come_in_blocks(monkeypatch):
    text = "1,x,y\n" * 3 + '2,x,"Foo\n' + "3,x,y\n" * 40
    blocks = list(record_blocks(io.StringIO(text, newline=""), Dialect(), width=3, size=5))
    assert [number for block in blocks for number in block.line_numbers] == [*range(1, 45)]
    assert max(len(block.rows) for block in blocks) <= 5
    assert sum(block.repaired for block in blocks) == 1


def test_fields_may_be_long():
    body = "long, text\n" * 100_000
    assert fields(f'1,"{body}",x\n2,y,z\n') == [["1", body, "x"], ["2", "y", "z"]]


def test_escaped_quotes_and_line_ends():
    text = '1,"12\\" strap",x\n2,a\\\nb,y\n'
    assert [row for _, _, row in records(text, escape="\\")] == [["1", '12" strap', "x"], ["2", "a\nb", "y"]]


def test_without_quotes_a_quote_is_text():
    assert [row for _, _, row in records('1,"x,y"\n', quote="")] == [["1", '"x', 'y"']]


def test_text_after_a_closing_quote_is_kept():
    assert fields('1,x,"Slim" jeans\n') == [["1", "x", "Slim jeans"]]
    assert fields('1,x,12" strap\n') == [["1", "x", '12" strap']]
    assert fields('1,x,"Slim" jeans, blue\n') == [["1", "x", '"Slim" jeans', " blue"]]


def test_the_text_whose_quotes_explain_most_is_kept():
    assert fields('1,"a, b","Slim" jeans, blue\n') == [["1", "a, b", "Slim jeans", " blue"]]


def test_marks_before_the_first_line_are_left_out():
    assert list(without_marks(["\ufeff\ufeffid\n", "\ufeffx\n"])) == ["id\n", "\ufeffx\n"]


def test_no_field_is_longer_than_the_limit(monkeypatch):
    monkeypatch.setattr("fashion_assets.catalog.reading.dialect.FIELD_LIMIT", 10)
    import csv

    before = csv.field_size_limit(10)
    try:
        blocks = list(record_blocks(["1,x," + "z" * 20 + "\n", "2,x,ok\n"], Dialect(), width=3))
    finally:
        csv.field_size_limit(before)
    assert blocks[0].problems == {0: "the line cannot be split into fields: field larger than field limit (10)"}
    assert blocks[0].rows == [[], ["2", "x", "ok"]]
