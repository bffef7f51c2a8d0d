"""The write rule: only rows that differ reach the table and its change feed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest
from deltalake import DeltaTable
from filelock import FileLock

from fashion_assets.errors import StorageError
from fashion_assets.storage.read_once import ReadOnce
from fashion_assets.storage.store import Changes, TableFiles, TableStore
from fashion_assets.storage.table import UTC_TIME, Column, Table

THINGS = Table(
    "things",
    key=("product_id",),
    columns=(
        Column("product_id", pl.Int64),
        Column("name", pl.String),
        Column("tags", pl.List(pl.String)),
        Column("seen_at", UTC_TIME, is_hashed=False),
    ),
)

LOG = Table(
    "log",
    key=("key",),
    columns=(Column("key", pl.String), Column("model", pl.String), Column("text", pl.String)),
    partition_by=("model",),
)


def things(*ids: int, name: str = "a", at: str = "2026-01-01") -> pl.DataFrame:
    rows = [{"product_id": i, "name": name, "tags": ["x"], "seen_at": f"{at} 00:00:00"} for i in ids]
    return pl.DataFrame(rows).with_columns(pl.col("seen_at").str.to_datetime(time_zone="UTC"))


def test_first_write_adds_every_row(store):
    assert store.merge(THINGS, things(1, 2), "batch_00000") == Changes(added=2, updated=0, removed=0, unchanged=0)
    assert store.read(THINGS)["product_id"].to_list() == [1, 2]


def test_writing_the_same_again_makes_no_commit(store):
    store.merge(THINGS, things(1, 2), "batch_00000")
    version = store.version(THINGS)
    assert store.merge(THINGS, things(1, 2), "batch_00000").unchanged == 2
    assert store.version(THINGS) == version


def test_a_column_that_is_not_hashed_is_no_change(store):
    store.merge(THINGS, things(1), "batch_00000")
    assert store.merge(THINGS, things(1, at="2026-02-02"), "batch_00000").total == 0


def test_change_feed_holds_only_what_changed(store):
    store.merge(THINGS, things(1, 2, 3), "batch_00000")
    version = store.version(THINGS)
    changed = pl.concat([things(1), things(2, name="b"), things(4)])
    assert store.merge(THINGS, changed, "batch_00000") == Changes(added=1, updated=1, removed=1, unchanged=1)
    feed = store.changes_since(THINGS, version)
    assert sorted(feed.select("_change_type", "product_id").rows()) == [
        ("delete", 3),
        ("insert", 4),
        ("update_postimage", 2),
        ("update_preimage", 2),
    ]


def test_only_wanted_values_are_read(store):
    assert store.read(THINGS, among={"name": ["a"]}).is_empty()
    store.merge(THINGS, pl.concat([things(1, 2), things(3, name="it's")]), "batch_00000")
    store.merge(THINGS, things(4), "batch_00001")
    assert store.read(THINGS, among={"name": ["it's", "other"]})["product_id"].to_list() == [3]
    assert store.read(THINGS, "batch_00000", ["product_id"], among={"name": ["a"]}).rows() == [(1,), (2,)]
    assert store.read(THINGS, among={"name": []}).is_empty()


@pytest.mark.parametrize("folder", ["with space", "größe", "100% #1?"])
def test_folders_may_have_any_name(tmp_path, folder):
    store = TableStore(str(tmp_path / folder))
    store.merge(THINGS, pl.concat([things(1, 2), things(3, name="it's")]), "batch/ü 0")
    store.append(LOG, pl.DataFrame({"key": ["a", "b"], "model": ["x/y@z", "ü 100%"], "text": ["1", "2"]}))
    assert store.read(THINGS, "batch/ü 0", ["product_id"], among={"name": ["a"]}).rows() == [(1,), (2,)]
    assert store.read(LOG, partition={"model": "ü 100%"}, among={"key": ["a", "b"]})["text"].to_list() == ["2"]
    assert store.read(LOG, columns=["text"], among={"key": ["a"]}).rows() == [("1",)]


def test_a_batch_is_replaced_without_touching_the_others(store):
    store.merge(THINGS, things(1, 2), "batch_00000")
    store.merge(THINGS, things(3), "it's another")
    store.merge(THINGS, things(1), "batch_00000")
    assert store.read(THINGS).select("product_id", "batch").rows() == [(1, "batch_00000"), (3, "it's another")]
    assert store.read(THINGS, "it's another")["product_id"].to_list() == [3]


def test_an_emptied_batch_is_emptied(store):
    store.merge(THINGS, things(1, 2), "batch_00000")
    assert store.merge(THINGS, things(1).clear(), "batch_00000").removed == 2
    assert store.read(THINGS, "batch_00000").is_empty()


def test_repeated_keys_are_refused(store):
    with pytest.raises(StorageError, match="repeat a key"):
        store.merge(THINGS, things(1, 1), "batch_00000")


def test_a_table_that_was_never_written_has_no_rows(store):
    assert store.read(THINGS).columns == ["product_id", "name", "tags", "seen_at", "batch"]
    assert store.read(THINGS).is_empty()
    assert store.version(THINGS) == -1


def test_a_new_column_is_added_to_a_table_that_exists(store):
    store.merge(THINGS, things(1), "batch_00000")
    wider = Table(THINGS.name, THINGS.key, (*THINGS.columns, Column("price", pl.Float64)))
    assert store.read(wider)["price"].to_list() == [None]
    store.merge(wider, things(1).with_columns(price=pl.lit(1.5)), "batch_00000")
    assert store.read(wider)["price"].to_list() == [1.5]


def test_parallel_writers_of_different_batches_lose_nothing(store):
    def write(number: int) -> None:
        for name in ("a", "b", "c"):
            rows = things(*range(number * 10, number * 10 + 10), name=name)
            TableStore(store.uri).merge(THINGS, rows, f"batch_{number:05d}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(6)))
    rows = store.read(THINGS)
    assert rows["product_id"].to_list() == list(range(60))
    assert set(rows["name"]) == {"c"}


class OvertakenStore(TableStore):
    """Another writer commits once, between this one's look at the table and its own commit; counts the looks."""

    def __init__(self, uri: str, other: Callable[[TableStore], object]):
        super().__init__(uri)
        self._other, self.looks = other, 0

    def ensure(self, table: Table) -> DeltaTable:
        delta = super().ensure(table)
        self.looks += 1
        if self.looks == 1:
            self._other(TableStore(self.uri))
        return delta


@pytest.mark.parametrize("before", [(), (1, 2, 3), (3, 500)])
def test_of_two_writers_of_one_batch_the_later_ones_rows_are_all_that_is_left(store, before):
    if before:
        store.merge(THINGS, things(*before), "batch_00000")
    overtaken = OvertakenStore(store.uri, lambda other: other.merge(THINGS, things(500, 501), "batch_00000"))
    assert overtaken.merge(THINGS, things(2, 3), "batch_00000") == Changes(2, updated=0, removed=2, unchanged=0)
    assert store.read(THINGS, columns=["product_id"])["product_id"].to_list() == [2, 3]


def test_a_writer_that_was_overtaken_by_the_same_rows_commits_nothing(store):
    overtaken = OvertakenStore(store.uri, lambda other: other.merge(THINGS, things(1, 2), "batch_00000"))
    assert overtaken.merge(THINGS, things(1, 2), "batch_00000").unchanged == 2
    assert store.version(THINGS) == 1
    assert store.read(THINGS)["product_id"].to_list() == [1, 2]


def test_writers_of_other_batches_are_no_conflict(store):
    store.merge(THINGS, things(1, 2), "batch_00000")
    overtaken = OvertakenStore(store.uri, lambda other: other.merge(THINGS, things(1, 3), "it's another"))
    overtaken.merge(THINGS, things(2, 4), "batch_00000")
    assert overtaken.looks == 1
    assert store.read(THINGS).select("product_id", "batch").sort("batch", "product_id").rows() == [
        (2, "batch_00000"),
        (4, "batch_00000"),
        (1, "it's another"),
        (3, "it's another"),
    ]


def test_writers_that_widen_a_table_at_the_same_time_widen_it_once(store):
    store.merge(THINGS, things(0), "batch_00000")
    wider = Table(THINGS.name, THINGS.key, (*THINGS.columns, Column("price", pl.Float64)))
    start = Barrier(4)

    def write(number: int) -> None:
        start.wait()
        rows = things(number).with_columns(price=pl.lit(1.5))
        TableStore(store.uri).merge(wider, rows, f"batch_{number:05d}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(1, 5)))
    assert store.read(wider).select("product_id", "price").rows() == [(0, None), *((n, 1.5) for n in range(1, 5))]


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
    assert store.changes_since(THINGS, version).is_empty()
    version = store.version(THINGS)
    store.compact(THINGS)
    assert store.version(THINGS) == version


def test_appends_and_other_compactions_at_the_same_time_lose_and_repeat_nothing(store):
    store.ensure(THINGS)

    def append(writer: int) -> None:
        for number in range(15):
            rows = things(writer * 100 + number).with_columns(batch=pl.lit(f"batch_{number % 2}"))
            TableStore(store.uri).append(THINGS, rows)

    def compact(_: int) -> None:
        for _ in range(5):
            TableStore(store.uri).compact(THINGS)

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(work, number) for work in (append, compact) for number in range(2)]
        for each in done:
            each.result()
    expected = sorted(writer * 100 + number for writer in range(2) for number in range(15))
    assert store.read(THINGS)["product_id"].to_list() == expected


def test_a_second_compaction_waits_and_then_says_so(store):
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
    monkeypatch.setattr("fashion_assets.storage.store.BATCHES_AT_ONCE", 2)
    for number in range(5):
        store.merge(THINGS, things(number, 10 + number), f"batch_0000{number}")
    parts = list(store.read_in_parts(THINGS, ["product_id", "batch"]))
    assert [part["batch"].n_unique() for part in parts] == [2, 2, 1]
    whole = store.read(THINGS, columns=["product_id", "batch"])
    assert pl.concat(parts).sort("product_id").equals(whole)


def test_batches_are_told_without_opening_a_file(store):
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


def test_the_log_has_statistics_only_where_files_are_told_apart_by_them(store):
    store.merge(THINGS, things(1), "batch_00000")
    store.append(LOG, pl.DataFrame({"key": ["k"], "model": ["m"], "text": ["t"]}))
    logs = {
        table.name: "".join(file.read_text() for file in Path(store.location(table)).glob("_delta_log/*.json"))
        for table in (THINGS, LOG)
    }
    nothing = r"\"minValues\":{}"
    assert nothing in logs["things"] and nothing not in logs["log"]
