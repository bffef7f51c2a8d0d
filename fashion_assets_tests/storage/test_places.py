"""Tables in folders with any name, and what the file system refuses."""

import errno
import os
import re

import polars as pl
import pytest

from fashion_assets.errors import SettingsError, StorageError
from fashion_assets.storage.places import DELTA_TABLES, file_system_errors, refused_by_file_system, require_usable
from fashion_assets.storage.store import Changes, TableStore
from fashion_assets_tests.factories import folder_names
from fashion_assets_tests.factories.tables import LOG, THINGS, things


@pytest.mark.parametrize("name", folder_names.USABLE)
def test_a_table_is_written_merged_and_read_in_a_folder_of_any_usable_name(tmp_path, name):
    folder = tmp_path / name / "tables"
    require_usable("FASHION_TABLES", str(folder), str(folder), DELTA_TABLES)
    store = TableStore(str(folder))
    store.merge(THINGS, things(1, 2), "batch_00000")
    assert store.merge(THINGS, things(2, 3, name="b"), "batch_00000") == Changes(1, 1, 1, 0)
    assert store.read(THINGS, "batch_00000")["product_id"].to_list() == [2, 3]
    assert TableStore(str(folder)).read(THINGS, among={"name": ["b"]})["product_id"].to_list() == [2, 3]
    assert [*tmp_path.glob("*")] == [folder.parent] and [*folder.parent.glob("*")] == [folder]


def test_compaction_works_there_too(tmp_path):
    store = TableStore(str(tmp_path / folder_names.WORST))
    for key in "ab":
        store.append(LOG, pl.DataFrame({"key": [key], "model": ["m"], "text": ["t"]}))
    assert store.compact(LOG).count == 1
    assert store.read(LOG)["key"].to_list() == ["a", "b"]


@pytest.mark.parametrize("name", folder_names.NOT_FOR_DELTA_LAKE)
def test_what_delta_lake_cannot_use_is_one_sentence(name):
    with pytest.raises(SettingsError) as refused:
        require_usable("FASHION_TABLES", f"/shops/{name}", f"/shops/{name}", DELTA_TABLES)
    assert str(refused.value).startswith(f"FASHION_TABLES is {f'/shops/{name}'!r}, but Delta Lake cannot keep tables")
    assert "set FASHION_TABLES to a folder whose path has no bracket" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_path_may_not_be_too_long_for_the_names_below_it():
    longest = "/" + "x" * (DELTA_TABLES.longest - 1)
    require_usable("FASHION_TABLES", longest, longest, DELTA_TABLES)
    with pytest.raises(SettingsError, match=f"more than {DELTA_TABLES.longest:,}; set FASHION_TABLES to a .* shorter"):
        require_usable("FASHION_TABLES", longest + "x", longest + "x", DELTA_TABLES)


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "tables").write_text("not a folder")
    store = TableStore(str(tmp_path / "tables"))
    with pytest.raises(StorageError, match=r"tables' cannot be used .*; move away the file in its place"):
        store.merge(THINGS, things(1), "batch_00000")
    assert (tmp_path / "tables").read_text() == "not a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path):
    (tmp_path / "shop").mkdir(mode=0o500)
    with pytest.raises(StorageError, match=r"shop.* cannot be used .*; change its permissions"):
        TableStore(str(tmp_path / "shop" / "tables")).merge(THINGS, things(1), "batch_00000")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "choose another folder"),
        (errno.EACCES, "change its permissions"),
        (errno.ENOTDIR, "move away the file"),
        (errno.ENAMETOOLONG, "a shorter path"),
    ],
)
def test_errors_of_the_system_are_known_from_python_and_from_rust(number, remedy):
    for error in (
        OSError(number, os.strerror(number), "/shop/tables"),
        RuntimeError(f"Generic LocalFileSystem error: {os.strerror(number)} (os error {number})"),
    ):
        refused = refused_by_file_system(error, "/shop/tables")
        how_full = r"; [\d,.]+ MB free" if number == errno.ENOSPC else ""
        said = rf"'/shop/tables' cannot be used \({os.strerror(number)}{how_full}\), but "
        assert re.match(said, str(refused)), refused
        assert remedy in str(refused)


def test_another_error_passes():
    assert refused_by_file_system(FileNotFoundError(errno.ENOENT, "none"), "/shop") is None
    with pytest.raises(ValueError, match="of rust"), file_system_errors("/shop"):
        raise ValueError("of rust")
    with pytest.raises(StorageError, match="of ours"), file_system_errors("/shop"):
        raise StorageError(value="of ours (os error 28)", rule="it passes", remedy="as it is")
