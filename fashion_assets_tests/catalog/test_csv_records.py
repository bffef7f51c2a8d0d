import io

import pytest

from fashion_assets.catalog.csv_records import csv_records, text_lines

HEADER = "product_id,usage,product_display_name\n"


def records(text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    return list(csv_records(text_lines(io.BytesIO(HEADER.encode() + data)), ",", width=3, key_at=0))[1:]


def fields(text: str | bytes) -> list[list[str]]:
    return [record.fields for record in records(text)]


def test_quoted_delimiters_quotes_and_newlines_belong_to_the_field():
    text = '1,x,"a, b"\n2,x,"say ""hi"""\n3,x,"two\nlines"\n4,x,y\n'
    assert fields(text) == [["1", "x", "a, b"], ["2", "x", 'say "hi"'], ["3", "x", "two\nlines"], ["4", "x", "y"]]
    assert [record.line_number for record in records(text)] == [2, 3, 4, 6]
    assert records(text)[2].raw == '3,x,"two\nlines"'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    assert fields(f"1,x,a{end}{end}2,x,b") == [["1", "x", "a"], ["2", "x", "b"]]


def test_only_line_ends_end_lines():
    assert fields("1,x,a\x0cb\u2028c\x85d\n") == [["1", "x", "a\x0cb\u2028c\x85d"]]


@pytest.mark.parametrize(
    "text",
    [
        '1,x,"Foo\n2,x,Bar\n3,x,Baz\n',  # never closed
        '1,x,"Foo\n2,x,Bar\n3,x,Baz"\n',  # closed by a stray quote rows later
        '1,x,"Foo\n2,x,Bar\n3,x,"Baz"\n',  # closed by the quote that opens another name
    ],
)
def test_a_quote_that_is_not_closed_swallows_no_rows(text):
    assert [row[0] for row in fields(text)] == ["1", "2", "3"]
    assert fields(text)[1] == ["2", "x", "Bar"]


def test_text_after_a_closing_quote_is_kept():
    assert fields('1,x,"Slim" jeans\n') == [["1", "x", "Slim jeans"]]
    assert fields('1,x,12" strap\n') == [["1", "x", '12" strap']]
    assert fields('1,x,"Slim" jeans, blue\n') == [["1", "x", '"Slim" jeans', " blue"]]


@pytest.mark.parametrize(
    ("line", "problem", "raw"),
    [
        (b"1,x,caf\xe9", "byte 0xe9 is not UTF-8; save the source as UTF-8", "1,x,caf\\xe9"),
        (b"1,x,a\0b", "the line holds a NUL byte", "1,x,a\0b"),
        (
            b"1,x," + b"z" * 200_000,
            "the line cannot be split into fields: field larger than field limit (131072)",
            "1,x," + "z" * 200_000,
        ),
    ],
)
def test_lines_that_cannot_be_read_have_a_problem_and_the_next_line_is_fine(line, problem, raw):
    broken, fine = records(line + b"\n2,x,ok\n")
    assert (broken.problem, broken.raw, broken.fields) == (problem, raw, [])
    assert (fine.problem, fine.fields) == (None, ["2", "x", "ok"])
