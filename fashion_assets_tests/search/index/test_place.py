"""An index in a folder with any name: all of it in that folder, none of it beside it."""

from pathlib import Path

import pytest

from fashion_assets.errors import IndexMissing, StorageError
from fashion_assets.search.index.place import lance_location
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.sole_writer import sole_writer
from fashion_assets.search.index.update import update_index
from fashion_assets.search.index.versions import indexed_ids, live_version, open_live, promote
from fashion_assets_tests.factories import folder_names
from fashion_assets_tests.factories.embedding_rows import MODEL, build, color_rows


@pytest.mark.parametrize("name", [folder_names.WORST, "Jo\u0308rg", "[client] shop", "my%20shop", "a*b?\n\\c"])
def test_an_index_is_built_promoted_updated_and_read_in_any_folder(tmp_path, name):
    uri = str(tmp_path / name / "index")
    with sole_writer(uri, wait_seconds=0):
        first = build(uri, color_rows("red", "blue"))
        promote(uri, first.version)
        second, changes = update_index(uri, first.version, IndexRows.of_frame(color_rows("red", "white"), MODEL))
    assert changes.count == 1 and live_version(uri) == first.version
    assert indexed_ids(open_live(uri, second.version)).sort().to_list() == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["index", "index.lock"]


def test_a_plain_folder_is_given_to_lancedb_by_its_own_name(tmp_path):
    for uri in (f"{tmp_path}/my shop/index", "/srv/a:b/c=d", "s3://bucket/Jörg"):
        assert lance_location(uri) == uri


def test_a_link_that_was_cleaned_up_is_made_again(tmp_path):
    uri = str(tmp_path / "Jörg")
    first = lance_location(uri)
    Path(first).unlink()
    assert Path(lance_location(uri)).readlink() == Path(uri)


def test_looking_for_an_index_makes_no_folder(tmp_path):
    with pytest.raises(IndexMissing, match="There is no index"):
        open_live(str(tmp_path / "Jörg" / "index"))
    assert not [*tmp_path.iterdir()]


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "shop").write_text("not a folder")
    with pytest.raises(StorageError, match="shop' cannot be used"), sole_writer(str(tmp_path / "shop" / "index"), 0):
        pytest.fail("there is no folder to write to")
