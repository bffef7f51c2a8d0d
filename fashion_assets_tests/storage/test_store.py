"""The write rule: only rows that differ reach the table and its change feed."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest
from deltalake import DeltaTable

from fashion_assets.errors import StorageError
from fashion_assets.storage.store import Changes, TableStore
from fashion_assets.storage.table import Column, Table
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.factories.tables import LOG, THINGS, things


def in_batch(rows: pl.DataFrame, batch: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit(batch).alias("batch"))


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
    feed = changes_since(store, THINGS, version)
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
    assert store.read(THINGS, "batch/ü 0", ["product_id", "batch"]).rows() == [(n, "batch/ü 0") for n in (1, 2, 3)]
    assert store.read(LOG, partition={"model": "ü 100%"}, among={"key": ["a", "b"]})["text"].to_list() == ["2"]
    assert store.read(LOG, columns=["text"], among={"key": ["a"]}).rows() == [("1",)]


def test_a_batch_is_replaced_without_touching_the_others(store):
    store.merge(THINGS, things(1, 2), "batch_00000")
    store.merge(THINGS, things(3), "it's another")
    store.merge(THINGS, things(1), "batch_00000")
    assert store.read(THINGS).select("product_id", "batch").rows() == [(1, "batch_00000"), (3, "it's another")]
    assert store.read(THINGS, "it's another")["product_id"].to_list() == [3]


def test_several_batches_are_read_and_replaced_without_touching_the_others(store):
    both = pl.concat([in_batch(things(1, 2), "a"), in_batch(things(11), "b")])
    store.merge(THINGS, both, ["a", "b"])
    store.merge(THINGS, things(21), "c")
    changed = pl.concat([in_batch(things(1, name="new"), "a"), in_batch(things(11, 12), "b")])
    assert store.merge(THINGS, changed, ["a", "b"]) == Changes(added=1, updated=1, removed=1, unchanged=1)
    rows = [(1, "new", "a"), (11, "a", "b"), (12, "a", "b"), (21, "a", "c")]
    assert store.read(THINGS, columns=["product_id", "name", "batch"]).rows() == rows
    assert store.read(THINGS, ["b", "c"], ["product_id"])["product_id"].to_list() == [11, 12, 21]


def test_the_rows_of_a_clustered_table_lie_in_their_file_by_its_columns_and_are_read_by_key(store):
    clustered = replace(THINGS, clustered_by=("name", "product_id"))
    rows = things(1, 2, 3, 4).with_columns(name=pl.Series(["b", "a", "b", "a"]))
    store.merge(clustered, rows, "batch_00000")
    (file,) = Path(store.location(clustered)).rglob("*.parquet")
    assert pl.read_parquet(file)["product_id"].to_list() == [2, 4, 1, 3]
    assert store.read(clustered)["product_id"].to_list() == [1, 2, 3, 4]


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


@pytest.mark.parametrize("commits_after", [0, 1, 2])
def test_a_store_that_was_deleted_and_perhaps_refilled_is_read_as_it_is(store, commits_after):
    store.merge(THINGS, things(1, 2), "batch_00000")
    assert len(store.read(THINGS)) == 2
    shutil.rmtree(store.uri)
    for number in range(commits_after):
        TableStore(store.uri).merge(THINGS, things(number), f"batch_{number:05d}")
    assert store.read(THINGS)["product_id"].to_list() == list(range(commits_after))


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


def test_a_writer_of_several_batches_that_was_overtaken_in_one_leaves_no_mixture(store):
    both = pl.concat([in_batch(things(1), "a"), in_batch(things(2), "b")])
    overtaken = OvertakenStore(store.uri, lambda other: other.merge(THINGS, things(2, 3, name="other"), "b"))
    overtaken.merge(THINGS, both, ["a", "b"])
    assert overtaken.looks == 2
    assert store.read(THINGS).select("product_id", "name").rows() == [(1, "a"), (2, "a")]


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
