"""Tables that would take gigabytes or minutes, or end in a traceback: one sentence each, at once."""

import io
import resource
import time

import polars as pl
import pytest

from fashion_assets.catalog.reading import bounds, frames, open_table, workbooks
from fashion_assets.errors import SourceError
from fashion_assets_tests.factories.hostile_tables import (
    HEADER,
    HOSTILE_TABLES,
    SHARING_ROW,
    repeated_items,
    repeated_text,
    workbook,
    zipped,
)

READ = {
    *("a text that 300 rows share", "a number of many digits", "a number of many digits in a line"),
    *("commas after a header", "quotes", "quotes at ends of lines", "a line"),
    *("zeros", "a long attribute"),
}
"""Odd, but a table."""

EITHER = {"lists at the edge of what can be read", "objects at the edge in a document"}
"""What can be read depends on how deep the calls already are."""


@pytest.mark.parametrize("what", HOSTILE_TABLES)
def test_a_hostile_table_is_one_sentence(tmp_path, monkeypatch, what):
    monkeypatch.setattr(workbooks, "MOST_MEMORY", 600 << 20)  # to spare the machine
    file = tmp_path / "source.csv"
    file.write_bytes(HOSTILE_TABLES[what]())
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        for number, _ in enumerate(open_table(file).parts()):
            if number == 20:  # of gigabytes, which would take their time
                break
        message = None
    except SourceError as error:
        message = str(error)
    assert what in EITHER or (message is None) == (what in READ), message
    assert message is None or ("source.csv" in message and len(message) < 600)
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_500_000  # KB


def test_parts_are_small_whatever_their_rows_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "PART_BYTES", 2_000_000)
    file = tmp_path / "source.parquet"
    file.write_bytes(repeated_text(300, 50_000))
    parts = list(open_table(file).parts())
    assert sum(map(len, parts)) == 300
    assert [number for part in parts for number in part.line_numbers] == list(range(1, 301))
    assert max(part.raw_lines.str.len_bytes().sum() for part in parts) < 1.1 * bounds.PART_BYTES


def test_the_limits_leave_tables_of_shops_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "FREE_BYTES", 1000)
    lines = "".join(f"{number},Shirt {number},blue,19.90\n" for number in range(5000))
    content = zipped({"a.csv": f"id,name,color,price\n{lines}".encode()})
    (tmp_path / "a.zip").write_bytes(content)
    assert sum(map(len, open_table(tmp_path / "a.zip").parts())) == 5000
    monkeypatch.setattr(bounds, "MOST_RATIO", 1)
    with pytest.raises(SourceError, match="unpacks to more than 1 times its size"):
        open_table(tmp_path / "a.zip")


def test_a_delta_table_is_bounded_too(tmp_path, monkeypatch):
    pl.DataFrame({"id": [1, 2, 3]}).write_delta(tmp_path / "delta")
    monkeypatch.setattr(bounds, "MOST_ROWS", 2)
    with pytest.raises(SourceError, match="has 3 rows, more than 2"):
        open_table(tmp_path / "delta")


def test_columns_may_be_as_many_as_the_limit(tmp_path):
    frame = pl.DataFrame({f"c{number}": ["1"] for number in range(bounds.MOST_COLUMNS)})
    content = io.BytesIO()
    frame.write_csv(content)
    (tmp_path / "a.csv").write_bytes(content.getvalue())
    assert len(open_table(tmp_path / "a.csv").columns) == bounds.MOST_COLUMNS


def test_what_cells_of_a_delta_table_share_is_bounded(tmp_path, monkeypatch):
    """Its reader makes such a text anew for each cell."""
    pl.DataFrame({"id": range(1000), "name": ["x" * 1000] * 1000}).write_delta(tmp_path / "delta")
    assert sum(map(len, open_table(tmp_path / "delta").parts())) == 1000
    monkeypatch.setattr(frames, "MOST_GROUP_BYTES", 500_000)
    with pytest.raises(SourceError, match=r"has 1,000 rows of 1,000,000 bytes, over the 500,000 allowed"):
        open_table(tmp_path / "delta")


def test_row_groups_of_few_rows_count_together(tmp_path, monkeypatch):
    frame = pl.DataFrame({"name": [f"{number:0100000}" for number in range(20)]})
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=1, statistics=False)
    monkeypatch.setattr(bounds, "MOST_GROUP_BYTES", 1_000_000)
    with pytest.raises(SourceError, match=r"has a row group of 1,[\d,]+ bytes or more, over the 1,000,000 allowed"):
        open_table(tmp_path / "a.parquet")


def test_items_of_lists_count_as_values(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(repeated_items(100, 60))
    assert sum(map(len, open_table(tmp_path / "a.parquet").parts())) == 100
    monkeypatch.setattr(bounds, "MOST_VALUES", 5_999)
    with pytest.raises(SourceError, match=r"has a row group of 6,000 values, more than 5,999"):
        open_table(tmp_path / "a.parquet")


def test_texts_of_every_shape_are_counted():
    shapes = {
        "text": ["aä", None],
        "texts": [["a", "bc"], None],
        "pair": pl.Series([["a", "b"], None], dtype=pl.Array(pl.String, 2)),
        "record": [{"x": "ab", "y": [{"z": "c"}], "n": 1}, None],
        "kind": pl.Series(["abc", None], dtype=pl.Categorical),
        "choice": pl.Series(["ab", None], dtype=pl.Enum(["ab"])),
        "number": [1, None],
    }
    counted = {name: bounds.bytes_of_rows(pl.DataFrame({name: cells})).to_list()[0] for name, cells in shapes.items()}
    assert counted == {"text": 3, "texts": 3, "pair": 2, "record": 3, "kind": 3, "choice": 2, "number": 0}
    assert bounds.bytes_of_rows(pl.DataFrame(shapes)).to_list() == [16, 0]


@pytest.mark.parametrize(
    ("limit", "value", "what"),
    [
        ("MOST_MEMORY", 600 << 20, r"within 0.586 GB of memory"),
        ("MOST_MEMORY", 50 << 20, r"(\(.+\)|within .+ of memory)"),  # not even the program itself
        ("_SECONDS", 0, "within 0 s of processor time"),
    ],
)
def test_a_workbook_is_read_within_limits(tmp_path, monkeypatch, limit, value, what):
    (tmp_path / "a.xlsx").write_bytes(workbook(HEADER + SHARING_ROW * 400, "x" * 32_000))
    monkeypatch.setattr(workbooks, limit, value)
    with pytest.raises(SourceError, match=rf"a.xlsx' is a workbook that cannot be read {what}, but"):
        open_table(tmp_path / "a.xlsx")
