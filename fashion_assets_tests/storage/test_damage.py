"""Each file of a table damaged in turn: it is named in a sentence, and the repair keeps every row that is left."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from fashion_assets.errors import StorageDamaged
from fashion_assets.storage.damage import Part, examine
from fashion_assets.storage.recomputing import lost_batches
from fashion_assets.storage.repair import repair
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Origin
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.damage import DAMAGE, data_files, delete, empty, log_entries
from fashion_assets_tests.factories.tables import LOG, THINGS, things

DERIVED = replace(THINGS, origin=Origin.DERIVED)
KEPT = replace(THINGS, name="kept", origin=Origin.KEPT)
BATCHES = ("batch_00000", "batch_00001")
APPENDED = 4


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A derived table, one that is kept, and an append-only log; to be copied, never changed."""
    store = TableStore(str(tmp_path_factory.mktemp("written") / "tables"))
    for number, batch in enumerate(BATCHES):
        for table in (DERIVED, KEPT):
            store.merge(table, things(number, 10 + number), batch)
    store.merge(KEPT, things(0, 10, 20, name="b"), BATCHES[0])
    for number in range(APPENDED):
        store.append(LOG, pl.DataFrame({"key": [str(number)], "model": ["m/ü"], "text": ["t"]}))
    return store


@pytest.fixture
def store(written, tmp_path):
    return TableStore(shutil.copytree(written.uri, tmp_path / "tables").as_posix())


def folder_of(store, table):
    return Path(store.location(table))


def read_again(store, table):
    return TableStore(store.uri).read(table)


def repaired(store, table):
    done = repair(store, table, examine(store.location(table), table), BATCHES, NOW)
    assert examine(store.location(table), table) == []
    return done


def test_an_undamaged_table_has_no_damage(store):
    assert [examine(store.location(table), table) for table in (DERIVED, KEPT, LOG)] == [[], [], []]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("place", [0, 2, -1], ids=["first", "middle", "last"])
def test_a_damaged_log_entry_is_named_and_costs_no_recorded_row(store, place, damage):
    entry = log_entries(folder_of(store, LOG))[place]
    damage(entry)
    with pytest.raises(StorageDamaged, match=rf"Table 'log' is damaged: 'log/_delta_log/{entry.name}' ") as damaged:
        read_again(store, LOG)
    assert "run `fashion doctor --repair`" in str(damaged.value)
    done = repaired(store, LOG)
    assert read_again(store, LOG)["key"].to_list() == [str(number) for number in range(APPENDED)]
    assert read_again(store, LOG)["model"].unique().to_list() == ["m/ü"]
    assert (done.rows_kept, done.rows_lost) == (APPENDED, 0)
    assert "no row was lost" in done.in_words()


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_data_file_is_named_with_its_rows_and_the_others_are_kept(store, damage):
    file = data_files(folder_of(store, LOG))[1]
    damage(file)
    with pytest.raises(StorageDamaged, match=r"'log/model=.*parquet' .*, with 1 row of m/ü, but nothing else"):
        read_again(store, LOG)
    done = repaired(store, LOG)
    assert read_again(store, LOG)["key"].to_list() == ["0", "2", "3"]
    assert (done.rows_kept, done.rows_lost) == (3, 1)
    assert "1 rows were LOST, those of model=" in done.in_words()
    assert damage is delete or list(done.set_aside.rglob(file.name))


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_batch_of_a_derived_table_is_to_be_computed_again(store, damage):
    damage(data_files(folder_of(store, DERIVED))[0])
    with pytest.raises(StorageDamaged, match=r"'things/.*, with 2 rows of batch_00000, but its rows have"):
        read_again(store, DERIVED)
    repaired(store, DERIVED)
    assert read_again(store, DERIVED)["product_id"].to_list() == [1, 11]
    assert lost_batches(store.uri, DERIVED) == {"batch_00000"}
    store.merge(DERIVED, things(0, 10), "batch_00000")
    assert lost_batches(store.uri, DERIVED) == set()


def test_a_derived_table_with_a_damaged_log_is_to_be_computed_again_as_a_whole(store):
    empty(log_entries(folder_of(store, DERIVED))[1])
    repaired(store, DERIVED)
    assert read_again(store, DERIVED).is_empty()
    assert lost_batches(store.uri, DERIVED) == {*BATCHES}
    store.merge(DERIVED, pl.concat([read_again(store, DERIVED), things(1).with_columns(batch=pl.lit("b"))]))
    assert lost_batches(store.uri, DERIVED) == set()


@pytest.mark.parametrize("table", [DERIVED, KEPT, LOG], ids=lambda table: table.name)
def test_a_deleted_folder_is_missed(store, table):
    delete(folder_of(store, table))
    with pytest.raises(StorageDamaged, match=f"Table '{table.name}' is damaged: '{table.name}' is missing"):
        read_again(store, table)
    with pytest.raises(StorageDamaged, match="is missing"):
        store.append(table, things(1).with_columns(batch=pl.lit("b")))
    done = repaired(store, table)
    assert read_again(store, table).is_empty()
    assert ("rows were LOST, those of all of it" in done.in_words()) is table.origin.is_irreplaceable


def test_a_deleted_log_costs_no_row_of_what_is_kept(store):
    delete(folder_of(store, KEPT) / "_delta_log")
    with pytest.raises(StorageDamaged, match="'kept' has lost its log"):
        read_again(store, KEPT)
    repaired(store, KEPT)
    rows = read_again(store, KEPT).group_by("batch", "name").agg(pl.col("product_id")).sort("batch")
    assert rows.rows() == [(BATCHES[0], "b", [0, 10, 20]), (BATCHES[1], "a", [1, 11])]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("is_log_cleaned", [False, True])
def test_a_damaged_checkpoint_costs_no_row(store, damage, is_log_cleaned):
    DeltaTable(store.location(LOG)).create_checkpoint()
    if is_log_cleaned:
        for entry in log_entries(folder_of(store, LOG))[:-1]:
            entry.unlink()
    (checkpoint,) = folder_of(store, LOG).glob("_delta_log/*.checkpoint.parquet")
    damage(checkpoint)
    with pytest.raises(StorageDamaged, match=r"log/_delta_log/0"):
        read_again(store, LOG)
    done = repaired(store, LOG)
    assert len(read_again(store, LOG)) == APPENDED
    assert done.rows_lost == 0


def test_entries_before_a_checkpoint_are_not_missed(store):
    DeltaTable(store.location(LOG)).create_checkpoint()
    for entry in log_entries(folder_of(store, LOG))[:-1]:
        entry.unlink()
    assert examine(store.location(LOG), LOG) == []
    assert len(read_again(store, LOG)) == APPENDED


def test_an_entry_that_lost_a_whole_line_is_found_though_it_can_be_read(store):
    entry = log_entries(folder_of(store, LOG))[2]
    entry.write_text("".join(entry.read_text().splitlines(True)[:-1]))
    (damage,) = examine(store.location(LOG), LOG)
    assert (damage.part, damage.problem) == (Part.ENTRY, "is cut short or overwritten")


def test_a_table_that_is_open_notices_that_its_end_is_gone(store):
    assert len(store.read(LOG)) == APPENDED
    log_entries(folder_of(store, LOG))[-1].unlink()
    with pytest.raises(StorageDamaged, match="is missing"):
        store.read(LOG)


def test_a_home_from_before_commits_were_recorded_is_read_and_recorded_at_the_next_write(store):
    shutil.rmtree(Path(store.uri, "_last_commits"))
    assert len(read_again(store, LOG)) == APPENDED
    store.append(LOG, pl.DataFrame({"key": ["9"], "model": ["m"], "text": ["t"]}))
    log_entries(folder_of(store, LOG))[-1].unlink()
    with pytest.raises(StorageDamaged):
        read_again(store, LOG)


def test_every_write_to_a_damaged_table_is_refused(store):
    delete(data_files(folder_of(store, DERIVED))[0])
    with pytest.raises(StorageDamaged, match="run `fashion doctor --repair`"):
        store.merge(DERIVED, things(0, 10, name="b"), "batch_00000")


def test_threads_that_write_at_once_record_their_commits(store):
    rows = [pl.DataFrame({"key": [f"of thread {number}"], "model": ["m"], "text": ["t"]}) for number in range(8)]
    with ThreadPoolExecutor(len(rows)) as threads:
        list(threads.map(lambda row: store.append(LOG, row), rows))
    assert len(read_again(store, LOG)) == APPENDED + len(rows)
    assert examine(store.location(LOG), LOG) == []
