"""A source's state changes with the table and with each photo, and with nothing else."""

import os
from pathlib import Path

import polars as pl
import pytest

from fashion_assets.catalog.source_state import source_state
from fashion_assets.errors import SourceError


@pytest.fixture
def source(tmp_path) -> Path:
    (tmp_path / "images" / "more").mkdir(parents=True)
    for name in ("1.jpg", "2.jpg", "more/3.jpg"):
        (tmp_path / "images" / name).write_bytes(b"photo")
    table = tmp_path / "styles.csv"
    table.write_text("id\n1\n")
    return table


def change_time(file: Path):
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "styles.csv").write_text("id\n1\n2\n"),
        lambda folder: change_time(folder / "styles.csv"),
        lambda folder: change_time(folder / "images" / "more" / "3.jpg"),
        lambda folder: (folder / "images" / "4.jpg").write_bytes(b"photo"),
        lambda folder: (folder / "images" / "1.jpg").unlink(),
        lambda folder: (folder / "images" / "1.jpg").rename(folder / "images" / "5.jpg"),
    ],
)
def test_each_change_is_seen(source, change):
    before = source_state(source, source.parent / "images")
    assert source_state(source, source.parent / "images") == before
    change(source.parent)
    assert source_state(source, source.parent / "images") != before


def test_a_delta_table_changes_with_its_versions(tmp_path):
    table = tmp_path / "table"
    pl.DataFrame({"id": [1]}).write_delta(table)
    before = source_state(table, tmp_path / "images")
    assert source_state(table, tmp_path / "images") == before
    pl.DataFrame({"id": [2]}).write_delta(table, mode="append")
    assert source_state(table, tmp_path / "images") != before


def test_a_folder_of_parts_changes_with_each_of_them(tmp_path):
    table = tmp_path / "table"
    (table / "year=2024").mkdir(parents=True)
    (table / "year=2024" / "a.parquet").write_bytes(b"part")
    before = source_state(table, tmp_path / "images")
    assert source_state(table, tmp_path / "images") == before
    (table / "year=2024" / "b.parquet").write_bytes(b"part")
    assert source_state(table, tmp_path / "images") != before


def test_a_missing_source_is_reported(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        source_state(tmp_path / "styles.csv", tmp_path)
