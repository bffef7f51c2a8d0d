"""The files of tables: which are opened, compacted, and selected by the log."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from fashion_assets.errors import StorageError
from fashion_assets.storage.read_once import ReadOnce
from fashion_assets.storage.reader import TableFiles
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Table
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.factories.tables import LOG, THINGS, things


def test_append_only_adds(store):
    store.append(THINGS, things(1).with_columns(batch=pl.lit("b")))
    store.append(THINGS, things(1).with_columns(batch=pl.lit("b")))
    assert len(store.read(THINGS)) == 2


def test_compacting_changes_neither_rows_nor_the_change_feed(store):
    assert store.compact(THINGS) == TableFiles()
    for number in range(6):
        store.append(THINGS, things(number).with_columns(batch=pl.lit("b")))
    rows, version = store.read(THINGS), store.version(THINGS)
    assert store.files(THINGS).count == 6
    assert not store.compact_if_fragmented(THINGS, 6)
    assert store.compact_if_fragmented(THINGS, 5)
    assert store.files(THINGS).count == 1
    assert store.files(THINGS).bytes > 0
    assert store.read(THINGS).equals(rows)
    assert changes_since(store, THINGS, version).is_empty()
    version = store.version(THINGS)
    store.compact(THINGS)
    assert store.version(THINGS) == version


def test_one_batch_is_compacted_alone(store):
    for number in range(8):
        store.append(THINGS, things(number).with_columns(batch=pl.lit("few" if number < 2 else "many")))
    rows = store.read(THINGS)
    assert (store.files(THINGS, "few").count, store.files(THINGS, "many").count) == (2, 6)
    assert store.files(THINGS, "none") == TableFiles()
    assert not store.compact_if_fragmented(THINGS, 2, "few")
    assert store.compact_if_fragmented(THINGS, 2, "many")
    assert (store.files(THINGS, "few").count, store.files(THINGS, "many").count) == (2, 1)
    assert store.read(THINGS).equals(rows)


def test_appends_and_other_compactions_at_the_same_time_lose_and_repeat_nothing(store):
    store.ensure(THINGS)

    def append(writer: int) -> None:
        for number in range(15):
            rows = things(writer * 100 + number).with_columns(batch=pl.lit(f"batch_{number % 2}"))
            TableStore(store.uri).append(THINGS, rows)

    def compact(writer: int) -> None:
        for _ in range(5):
            TableStore(store.uri).compact(THINGS)

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(work, number) for work in (append, compact) for number in range(2)]
        for each in done:
            each.result()
    expected = sorted(writer * 100 + number for writer in range(2) for number in range(15))
    assert store.read(THINGS)["product_id"].to_list() == expected


def test_a_second_compaction_waits_and_then_fails(store):
    store.append(THINGS, things(1).with_columns(batch=pl.lit("b")))
    with (
        FileLock(f"{store.location(THINGS)}.compaction.lock"),
        pytest.raises(StorageError, match="being compacted by another process"),
    ):
        store.compact(THINGS, wait_seconds=0.1)


@pytest.mark.parametrize("rows", [things(1, 2, 3), things(1), things(1, 2, name="b")], ids=["more", "fewer", "others"])
def test_a_batch_is_read_and_written_without_opening_the_files_of_others(store, rows):
    store.merge(THINGS, things(1, 2), "batch_00000")
    store.merge(THINGS, things(8, 9), "batch_00001")
    for file in Path(store.location(THINGS)).glob("batch=batch_00001/*.parquet"):
        file.unlink()
    store.merge(THINGS, rows, "batch_00000")
    assert store.read(THINGS, "batch_00000")["product_id"].to_list() == rows["product_id"].to_list()


def test_a_whole_table_comes_in_parts_of_few_batches(store, monkeypatch):
    monkeypatch.setattr("fashion_assets.storage.reader.BATCHES_AT_ONCE", 2)
    for number in range(5):
        store.merge(THINGS, things(number, 10 + number), f"batch_0000{number}")
    parts = list(store.read_in_parts(THINGS, ["product_id", "batch"]))
    assert [part["batch"].n_unique() for part in parts] == [2, 2, 1]
    whole = store.read(THINGS, columns=["product_id", "batch"])
    assert pl.concat(parts).sort("product_id").equals(whole)


def test_batches_are_listed_without_opening_a_file(store):
    assert store.batches(THINGS) == []
    store.merge(THINGS, things(1), "batch_00001")
    store.merge(THINGS, things(2), "batch_00000")
    for file in Path(store.location(THINGS)).glob("*/*.parquet"):
        file.unlink()
    assert store.batches(THINGS) == ["batch_00000", "batch_00001"]


def test_small_tables_are_read_once_for_all_batches(store):
    for number in range(3):
        store.merge(THINGS, things(number), f"batch_0000{number}")
    once = ReadOnce(store)
    first = once.read(THINGS, "batch_00000")
    for file in Path(store.location(THINGS)).glob("*/*.parquet"):
        file.unlink()
    assert first["product_id"].to_list() == [0]
    assert once.read(THINGS, "batch_00002", ["name", "product_id"]).rows() == [("a", 2)]
    assert once.read(THINGS, "batch_00009").schema == THINGS.row_schema


def test_files_of_other_times_are_not_opened(store):
    events = Table("events", key=("product_id",), columns=THINGS.columns, partition_by=())
    store.append(events, things(1))
    (old,) = Path(store.location(events)).glob("*.parquet")
    store.append(events, things(2, at="2026-03-01"))
    seen_at = things(2, at="2026-03-01")["seen_at"][0]
    old.unlink()
    assert store.read(events, between={"seen_at": (seen_at, seen_at)})["product_id"].to_list() == [2]


def test_the_log_has_statistics_only_where_files_are_selected_by_them(store):
    store.merge(THINGS, things(1), "batch_00000")
    store.append(LOG, pl.DataFrame({"key": ["k"], "model": ["m"], "text": ["t"]}))
    logs = {
        table.name: "".join(file.read_text() for file in Path(store.location(table)).glob("_delta_log/*.json"))
        for table in (THINGS, LOG)
    }
    nothing = r"\"minValues\":{}"
    assert nothing in logs["things"] and nothing not in logs["log"]
