"""The delimiter and the quoting of a CSV: detected or stated."""

import pytest

from fashion_assets.catalog.reading import TableFormat
from fashion_assets.errors import SourceError


@pytest.mark.parametrize(
    ("text", "rows", "note"),
    [
        ("id,name\n1,a;b\n", [("1", "a;b")], ()),
        ("id;name;price\n1;a;19,90\n2;b;1.299,00\n", [("1", "a", "19,90"), ("2", "b", "1.299,00")], "';'"),
        ("id;size, cm;price\n1;39;19,90\n", [("1", "39", "19,90")], "';'"),
        ("id;price, EUR\n1;19,90\n2;5,00\n", [("1", "19,90"), ("2", "5,00")], "';'"),
        ("id\tname\n1\ta, b\n", [("1", "a, b")], "a tab"),
        ("id|name\n1|a, b\n", [("1", "a, b")], "'|'"),
        ("id,a|b,c\n1,x,y\n", [("1", "x", "y")], ()),
        ("sep=;\nid;name\n1;a,b\n", [("1", "a,b")], "';'"),
        ('"SEP=^"\r\n\r\nid^name\r\n1^a,b\r\n', [("1", "a,b")], "'^'"),
        ("id,name\n", [], ()),
        ("name\na, b\nc\n", [("a, b",), ("c",)], ()),
    ],
)
def test_the_delimiter_is_found_by_header_and_rows(load, text, rows, note):
    read = load(text)
    assert read.rows == rows
    assert read.notes == ((f"The delimiter is {note}.",) if note else ())


def test_columns_that_are_expected_decide_where_the_text_does_not(load):
    text = "id|name,colour|size\n1|a,b|c\n"
    assert load(text, key_column="id").columns == ("id", "name,colour", "size")
    assert load(text, name_column="colour|size").columns == ("id|name", "colour|size")


@pytest.mark.parametrize(
    ("text", "name", "note"),
    [
        ("id,name,x\n1,'Shirt, blue',y\n2,Belt,z\n", "Shirt, blue", "Fields are quoted by '."),
        ('id,name,x\n1,"12\\" strap, blue",y\n', '12" strap, blue', 'Quotes in fields are written \\".'),
        ('id, name, x\n1, "Shirt, blue", y\n', "Shirt, blue", "Spaces after delimiters are left out."),
    ],
)
def test_other_quoting_is_found_where_plain_quoting_gives_rows_of_another_width(load, text, name, note):
    read = load(text)
    assert read.of("name")[0] == name
    assert read.notes == (note,)
    assert [part.repaired for part in read.parts] == [0]


def test_plain_quoting_is_kept_where_it_fits(load):
    assert load("id,name\n1,'tis\n2,'Slim'\n").of("name") == ["'tis", "'Slim'"]
    assert load('id,name\n1,"C:\\"\n2,b\n').of("name") == ["C:\\", "b"]


def test_what_is_stated_wins(load):
    assert load("id~name\n1~a\n", TableFormat(delimiter="~")).rows == [("1", "a")]
    assert load("id\tname,x\n1\ta\n", TableFormat(delimiter="tab")).columns == ("id", "name,x")
    assert load("sep=;\nid,a;b\n1,x\n", TableFormat(delimiter=",")).columns == ("id", "a;b")
    assert load("id,name\n1,'a'\n", TableFormat(quote="'")).of("name") == ["a"]
    assert load('id,name\n1,"a"\n', TableFormat(quote="")).of("name") == ['"a"']
    assert load("id,name\n1,a\\,b\n", TableFormat(escape="\\")).of("name") == ["a,b"]


@pytest.mark.parametrize(
    "stated",
    [TableFormat(delimiter=";;"), TableFormat(delimiter="\n"), TableFormat(quote="''"), TableFormat(escape="\r")],
)
def test_what_is_stated_must_be_one_character(load, stated):
    with pytest.raises(SourceError, match="but it must be one character; state one"):
        load("id;name\n1;a\n", stated)
