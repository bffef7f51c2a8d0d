"""Any sequence of merges: a batch holds exactly the rows of its last merge, and all else is unchanged."""

import shutil
import tempfile
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_assets.storage.conforming import conform
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.merging import Changes, compare, differences
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, ROW_HASH
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.factories.tables import THINGS

pytestmark = pytest.mark.long_form

FEW = settings(max_examples=max(1, settings().max_examples // 8))
"""A merge is a commit to disk: about a thirtieth of a second."""

names = st.sampled_from(["", "a", "A", " a", "é", "'; --", None])
tags = st.none() | st.lists(st.sampled_from(["x", "y", ""]), max_size=2)
wanted = st.dictionaries(st.integers(0, 8), st.tuples(names, tags), max_size=6)
"""What is wanted of a batch: name and tags by product id."""

BATCHES = ("batch_00000", "batch_00001", "batch_00002")
merges = st.lists(st.tuples(st.sampled_from(BATCHES), wanted), min_size=1, max_size=4)


def frame(rows: dict, day: int = 1) -> pl.DataFrame:
    records = [{"product_id": key, "name": name, "tags": tags} for key, (name, tags) in rows.items()]
    types = {name: THINGS.schema[name] for name in ("product_id", "name", "tags")}
    return pl.DataFrame(records, schema=types).with_columns(seen_at=pl.datetime(2026, 1, day, time_zone="UTC"))


def hashed(rows: dict) -> pl.DataFrame:
    batch = frame(rows).with_columns(pl.lit(BATCHES[0]).alias(BATCH))
    return with_row_hash(conform(batch, THINGS), THINGS.hashed_columns)


def expected_changes(before: dict, after: dict) -> Changes:
    both = before.keys() & after.keys()
    same = sum(before[key] == after[key] for key in both)
    return Changes(len(after) - len(both), len(both) - same, len(before) - len(both), same)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory) -> TableStore:
    store = TableStore(str(tmp_path_factory.mktemp("empty")))
    store.ensure(THINGS)
    return store


def copies(store: TableStore) -> Iterator[TableStore]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(store.uri, folder, dirs_exist_ok=True)
        yield TableStore(folder)


@given(wanted, wanted)
def test_what_a_merge_commits_turns_the_old_rows_into_the_new(before, after):
    old, new = hashed(before).select("product_id", ROW_HASH), hashed(after)
    changes = differences(old, new, THINGS.key)
    gone = set(changes.filter("is_to_go")["product_id"])
    written = set(changes.filter(~pl.col("is_to_go"))["product_id"])
    assert gone == before.keys() - after.keys()
    assert written == {key for key in after if key not in before or before[key] != after[key]}
    assert compare(old, new, THINGS.key) == expected_changes(before, after)


@FEW
@given(merges)
def test_a_batch_is_as_wanted_others_stay_and_a_second_merge_writes_nothing(empty_store, history):
    held: dict[str, dict] = {batch: {} for batch in BATCHES}
    for store in copies(empty_store):
        for day, (batch, rows) in enumerate(history, 1):
            version = store.version(THINGS)
            assert store.merge(THINGS, frame(rows, day), batch) == expected_changes(held[batch], rows)
            feed = changes_since(store, THINGS, version)
            touched = {key for key in held[batch].keys() | rows.keys() if held[batch].get(key) != rows.get(key)}
            assert set(feed["product_id"]) == touched
            held[batch] = rows

            written = store.version(THINGS)
            assert store.merge(THINGS, frame(rows, day + 1), batch) == Changes(0, 0, 0, len(rows))
            assert store.version(THINGS) == written
            for other, its_rows in held.items():
                assert as_wanted(store.read(THINGS, other)) == its_rows


@FEW
@given(wanted, wanted, wanted)
def test_several_batches_in_one_merge_are_as_one_after_the_other(empty_store, first, second, stays):
    together = pl.concat(
        frame({key + 10 * number: row for key, row in rows.items()}).with_columns(pl.lit(batch).alias(BATCH))
        for number, (batch, rows) in enumerate(zip(BATCHES[:2], (first, second), strict=True))
    )
    for store in copies(empty_store):
        store.merge(THINGS, frame(stays), BATCHES[2])
        store.merge(THINGS, frame({99: ("old", None)}), BATCHES[0])
        store.merge(THINGS, together, BATCHES[:2])
        assert as_wanted(store.read(THINGS, BATCHES[0])) == first
        assert as_wanted(store.read(THINGS, BATCHES[1])) == {key + 10: row for key, row in second.items()}
        assert as_wanted(store.read(THINGS, BATCHES[2])) == stays


def as_wanted(rows: pl.DataFrame) -> dict:
    return {key: (name, tags) for key, name, tags in rows.select("product_id", "name", "tags").iter_rows()}
