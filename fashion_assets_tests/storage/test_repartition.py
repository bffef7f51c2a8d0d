"""Tables that were created before their declaration had partitions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier

import polars as pl
import pytest

from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Column, Table
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.factories.tables import THINGS, things

BEFORE = Table("things", ("product_id",), (*THINGS.columns, Column(BATCH, pl.String)), partition_by=())
NOW = replace(BEFORE, partition_by=(BATCH,))
FIRST, SECOND = "batch_00000", "batch_00001"


@pytest.fixture(params=["tables", "a folder"])
def old(request, tmp_path) -> TableStore:
    """A store whose table of 1, 2 and 3 in the first batch and 4 in the second one is not partitioned."""
    store = TableStore(str(tmp_path / request.param))
    rows = things(1, 2, 3, 4).with_columns(pl.Series(BATCH, [FIRST, FIRST, FIRST, SECOND]))
    store.merge(BEFORE, rows)
    return store


def ids(rows: pl.DataFrame) -> list[int]:
    return rows["product_id"].to_list()


def test_it_is_read_as_if_it_were_partitioned(old):
    assert old.batches(NOW) == [FIRST, SECOND]
    assert old.count(NOW) == 4
    assert ids(old.read(NOW, FIRST)) == [1, 2, 3]
    assert ids(old.read(NOW, SECOND, ["product_id"])) == [4]
    assert ids(old.read(NOW, [FIRST, SECOND])) == [1, 2, 3, 4]
    assert ids(old.read(NOW, SECOND, among={"name": ["a"]})) == [4]
    assert ids(pl.concat(old.read_in_parts(NOW))) == [1, 2, 3, 4]
    assert old.ensure(BEFORE).metadata().partition_columns == []


def test_the_first_write_partitions_it_and_loses_nothing(old):
    changes = old.merge(NOW, things(1, 3, 5, at="2030-01-01"), FIRST)
    assert (changes.added, changes.removed, changes.unchanged) == (1, 1, 2)
    delta = old.ensure(NOW)
    assert delta.metadata().partition_columns == [BATCH]
    assert delta.metadata().configuration["delta.enableChangeDataFeed"] == "true"
    rows = old.read(NOW)
    assert rows.select("product_id", BATCH).rows() == [(1, FIRST), (3, FIRST), (4, SECOND), (5, FIRST)]
    assert rows["tags"].to_list() == [["x"]] * 4
    assert rows["seen_at"].to_list()[:3] == [datetime(2026, 1, 1, tzinfo=UTC)] * 3  # rows that are as they were stay


def test_it_is_rewritten_once_and_its_change_feed_continues_from_there(old):
    old.ensure(NOW)
    version = old.version(NOW)
    old.merge(NOW, things(4, name="b"), SECOND)
    assert old.version(NOW) == version + 1
    feed = changes_since(old, NOW, version)
    assert sorted(feed.select("product_id", "_change_type").rows()) == [
        (4, "update_postimage"),
        (4, "update_preimage"),
    ]


def test_writers_that_partition_it_at_the_same_time_lose_nothing(old):
    start = Barrier(3)

    def write(number: int) -> None:
        start.wait()
        TableStore(old.uri).merge(NOW, things(number), f"batch_{number:05d}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(10, 13)))
    assert ids(old.read(NOW)) == [1, 2, 3, 4, 10, 11, 12]
