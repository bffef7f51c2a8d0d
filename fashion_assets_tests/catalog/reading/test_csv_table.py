"""A CSV as a table: its header, its rows fitted to it, and whatever csv.writer writes comes back."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fashion_assets.catalog.reading import TableFormat, open_table
from fashion_assets.errors import SourceError


def test_blank_lines_are_no_rows_and_lines_count_from_one(load):
    read = load("\r\n\r\nid,name\r\n\r\n1,a\r\n   \r\n2,b\r\n")
    assert (read.columns, read.numbers, read.raws) == (("id", "name"), [5, 7], ["1,a", "2,b"])


def test_rows_of_empty_fields_are_rows(load):
    assert load("id,name\n,\n1,a\n").rows == [("", ""), ("1", "a")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(load, end):
    read = load(f'id,name{end}1,"a{end}b"{end}2,c{end}')
    assert read.rows == [("1", f"a{end}b"), ("2", "c")]


def test_columns_with_one_name_get_names_of_their_own(load):
    read = load("id,name,name,name (2),name\n1,a,b,c,d\n")
    assert read.columns == ("id", "name", "name (3)", "name (2)", "name (4)")
    assert read.table.repeated == ("name",)
    assert len(read.notes) == 1 and "More than one column is called 'name'" in read.notes[0]
    assert read.rows == [("1", "a", "b", "c", "d")]


def test_columns_without_a_name_are_numbered_and_may_be_absent_at_the_end(load):
    read = load(",id,name,,\n0,1,a,,\n1,2,b\n2,3,c,x\n3,4\n")
    assert read.columns == ("column 1", "id", "name", "column 4", "column 5")
    assert read.rows[:3] == [("0", "1", "a", "", ""), ("1", "2", "b", None, None), ("2", "3", "c", "x", None)]
    assert read.problems == [None, None, None, "2 fields where the header has 5"]


def test_surplus_fields_belong_to_the_name_in_the_last_column(load):
    text = "id;name\n1;a;b\n2;c;;\n3;d;;e\n"
    read = load(text, name_column="name")
    assert read.of("name") == ["a;b", "c", "d;;e"]
    assert [part.recovered_names for part in read.parts] == [2]
    assert load(text).problems[0] == "3 fields where the header has 2, and the last column is not the product name"


def test_bytes_that_are_nul_are_a_problem_of_their_row(load):
    read = load(b"id,name\n1,a\0b\n2,c\n")
    assert (read.problems, read.rows) == (["the line holds a NUL byte", None], [(None, None), ("2", "c")])


def test_repaired_rows_are_counted_and_none_is_lost(load):
    read = load('id,name,x\n1,"Foo,y\n2,Bar,"z\n3,Baz,w\n')
    assert read.of("id") == ["1", "2", "3"]
    assert sum(part.repaired for part in read.parts) == 2


def test_long_fields_and_small_parts(load):
    body = "long line, 36\n" * 100_000
    text = "id,body,name\n" + "".join(f'{number},"{body}",n{number}\n' for number in range(3))
    read = load(text, rows=2)
    assert read.of("name") == ["n0", "n1", "n2"]
    assert read.numbers == [2, 100_003, 200_004]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("\ufeff\n", "not a header"),
        ("sep=;\n", "not a header"),
        ("\n,,,\n1,2,3,4\n", "not a header"),
        (b"\x01\x02\x03binary\n", "not a header"),
        ("1,2,3\n4,5,6\n", "not a header"),
        ("1,Shirt,https://cdn.example.com/1.jpg\n", "not a header"),
    ],
)
def test_a_file_without_a_header_is_refused(load, content, words):
    with pytest.raises(SourceError, match=words) as error:
        load(content)
    assert "source.csv'" in str(error.value)


# What csv.writer writes

NAMES = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=2, max_size=5, unique=True)
PIECES = st.sampled_from(
    [
        "36,38,40",
        "1;2",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        "a",
        " ",
        "7",
        "|",
        "\t",
        "é",
        "\u2028",
        "\x0c",
        "x,y",
        "sep=;",
        "{",
        "<",
    ]
)
CELLS = st.lists(PIECES, max_size=6).map("".join) | st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12
)


@st.composite
def tables(draw) -> list[list[str]]:
    header = draw(NAMES)
    rows = st.lists(CELLS, min_size=len(header), max_size=len(header))
    return [header, *draw(st.lists(rows, max_size=6))]


def written(table, **dialect) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows(table)
    return file.getvalue()


def is_rectangular(table: list[list[str]]) -> bool:
    """Not so if csv.writer left a line end without quotes, as it does where it is not that of the dialect."""
    return all(len(row) == len(table[0]) for row in table)


def read_back(path: Path, text: str, table_format: TableFormat) -> list[list[str]]:
    path.write_bytes(text.encode())
    table = open_table(path, table_format)
    parts = list(table.parts(3))
    assert all(part.problems.null_count() == len(part) and not part.repaired for part in parts)
    return [list(table.columns), *(list(row) for part in parts for row in part.fields.rows())]


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("written") / "table.csv"


@pytest.mark.long_form
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_with_double_quotes_comes_back_detected_or_stated(path, table, delimiter, quoting, end):
    text = written(table, delimiter=delimiter, quoting=quoting, lineterminator=end)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assume(is_rectangular(expected))
    assert read_back(path, text, TableFormat()) == expected
    assert read_back(path, text, TableFormat(delimiter=delimiter)) == expected


@pytest.mark.long_form
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|:~^ \x01"),
    quote=st.sampled_from("\"'`"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE]),
    is_doubled=st.booleans(),
    escape=st.sampled_from("\\!"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_dialect_comes_back_as_stated(path, table, delimiter, quote, quoting, is_doubled, escape, end):
    dialect = {"delimiter": delimiter, "quotechar": quote, "quoting": quoting, "doublequote": is_doubled}
    text = written(table, lineterminator=end, escapechar=escape, **dialect)
    back = csv.reader(io.StringIO(text, newline=""), escapechar=escape, **dialect)
    try:
        expected = list(back)
    except csv.Error:
        expected = None
    assume(expected is not None and is_rectangular(expected))
    assert read_back(path, text, TableFormat(delimiter=delimiter, quote=quote, escape=escape)) == expected
