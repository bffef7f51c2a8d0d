"""Reading any CSV: no line is lost or read twice, no row is lost between source and tables, and nothing raises."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.columns import column_mapping
from fashion_assets.catalog.csv_records import DELIMITERS, csv_records, text_lines
from fashion_assets.catalog.source import MISSING_NAME, read_source
from fashion_assets.catalog.validation import validate
from fashion_assets.errors import SourceError

pytestmark = pytest.mark.long_form

MAPPING = column_mapping()
COLUMNS = ("product_id", "price", "product_display_name")
HEADER = ",".join(COLUMNS).encode() + b"\n"

PIECES = (
    b",",
    b'"',
    b'""',
    b"\n",
    b"\r\n",
    b"\r",
    b"1",
    b"22",
    b"-1",
    b"1e9",
    b"abc",
    b" ",
    b"\0",
    b"\xff",
    b"\t",
    b";",
)
garbage = st.lists(st.sampled_from(PIECES) | st.text(max_size=5).map(str.encode) | st.binary(max_size=5)).map(b"".join)
styles = st.sampled_from(
    [
        {"lineterminator": "\r\n", "quoting": csv.QUOTE_MINIMAL},
        {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},  # else a lone \r would stand without quotes
    ]
)
cells = st.sampled_from(["", "1", "2", "3", " 4 ", "5.0", "-6", "9" * 20, "NA", "null", "nan", "inf", "9.99", "x"])
rows = st.lists(st.tuples(cells, cells, st.text(max_size=10)), max_size=8)
plain = st.text(st.characters(exclude_categories=("Cs", "Nd"), exclude_characters="\0"), max_size=20)
"""Text that any file can hold, without digits: a line of a quoted name that is itself a row would be read as one."""


def source(folder, content: bytes, name: str = "source.csv"):
    (folder / name).write_bytes(content)
    return folder / name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


@given(garbage, st.sampled_from(DELIMITERS))
def test_every_line_is_in_exactly_one_record(content, delimiter):
    lines = list(text_lines(io.BytesIO(HEADER + content)))
    records = list(csv_records(lines, delimiter, width=3, key_at=0))
    covered = []
    for record in records:
        height = max(1, len(list(text_lines(io.BytesIO(record.raw.encode())))))
        covered += range(record.line_number - 1, record.line_number - 1 + height)
    assert covered == sorted(set(covered))
    left_out = set(range(len(lines))) - set(covered)
    assert not any(lines[number].strip(" \r\n") for number in left_out)
    assert all(bool(record.fields) != bool(record.problem) for record in records)


@given(garbage)
def test_rows_in_are_rows_out_and_rows_quarantined(folder, content):
    read = read_source(source(folder, HEADER + content), MAPPING)
    require_nothing_lost(read, validate(read, MAPPING))


@given(rows, st.sampled_from(DELIMITERS), styles)
def test_likely_rows_are_accepted_or_quarantined_with_a_reason(folder, table, delimiter, style):
    read = read_source(source(folder, written([COLUMNS, *table], delimiter, style)), MAPPING)
    validated = validate(read, MAPPING)
    require_nothing_lost(read, validated)
    assert validated.accepted["product_id"].is_unique().all()
    assert (validated.accepted["product_id"] >= 0).all()
    assert validated.accepted["price"].is_finite().all() and (validated.accepted["price"].drop_nulls() >= 0).all()


def require_nothing_lost(read, validated):
    assert len(read.rows) == len(validated.accepted) + len(validated.quarantined)
    assert validated.quarantined.select("kind", "reason").null_count().row(0) == (0, 0)


@given(st.binary(max_size=60) | garbage)
def test_any_file_is_rows_or_an_error_of_one_sentence(folder, content):
    path = source(folder, content)
    try:
        read = read_source(path, MAPPING)
    except SourceError as error:
        assert str(path) in str(error)
    else:
        require_nothing_lost(read, validate(read, MAPPING))


@given(st.lists(plain, min_size=1, max_size=6), st.sampled_from(DELIMITERS), styles)
def test_what_was_written_well_comes_back_as_it_was(folder, names, delimiter, style):
    table = [(str(number), "9.99", name) for number, name in enumerate(names)]
    read = read_source(source(folder, written([COLUMNS, *table], delimiter, style)), MAPPING)
    stripped = pl.Series(names).str.strip_chars()
    expected = [None if name in MISSING_NAME else name for name in stripped]
    assert read.rows["product_id"].to_list() == [row[0] for row in table]
    assert read.rows["product_display_name"].to_list() == expected
    assert read.rows["problem"].null_count() == len(names)


def written(table, delimiter: str, style: dict) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, **style).writerows(table)
    return file.getvalue().encode(errors="replace")
