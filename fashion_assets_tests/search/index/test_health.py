"""A live version that is gone or damaged is seen, named, set aside and built again."""

import shutil
from pathlib import Path

import pytest

from fashion_assets.errors import IndexMissing
from fashion_assets.search.index import health
from fashion_assets.search.index.health import index_loss, loss_named, unreadable, version_loss
from fashion_assets.search.index.versions import LIVE, open_live, open_newest
from fashion_assets.search.tables import live_promotion, promotions
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.damage import cut, delete, empty, zero
from fashion_assets_tests.fakes.indexed_shop import IndexedShop

PARTS = ("data/*.lance", "_versions/*.manifest", "_indices/*/*.lance")


DAMAGE = (cut, empty, zero, delete)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A folder with tables and an index that follows them; to be copied, never changed."""
    folder = tmp_path_factory.mktemp("followed")
    IndexedShop(TableStore(str(folder / "tables")), str(folder / "index")).refresh()
    return folder


@pytest.fixture
def shop(followed, tmp_path):
    shutil.copytree(followed, tmp_path, dirs_exist_ok=True)
    shop = IndexedShop(TableStore(str(tmp_path / "tables")), str(tmp_path / "index"))
    shop.later()
    return shop


def live_files(shop, pattern):
    """The files of the newest version; a manifest's name counts down."""
    files = sorted(Path(shop.uri, "products.lance").glob(pattern))
    return files[:1] if "manifest" in pattern else files


def test_an_undamaged_index_is_seen_to_be_whole_without_opening_it(shop, monkeypatch):
    monkeypatch.setattr(health, "unreadable", None)
    assert index_loss(shop.store, shop.uri) is None
    assert not shop.is_stale()


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("pattern", PARTS)
def test_each_kind_of_damage_to_each_kind_of_file_makes_it_stale_and_the_next_refresh_repairs(shop, pattern, damage):
    files = live_files(shop, pattern)
    assert files
    damage(files[-1])  # of the search structures, one that no query of the check needs
    assert shop.uri in str(shop.stale_reason())
    with pytest.raises(IndexMissing, match=r"run `fashion run`, which"), loss_named(shop.uri, live(shop)):
        search_that_met_it(shop)
    refreshed = shop.refresh()
    assert (refreshed.was_built, refreshed.was_promoted) == (True, True)
    assert not shop.is_stale()
    assert shop.live_ids() == {1, 2, 3, 4}
    assert "built again: " in promotions(shop.store)["reason"][-1]
    (kept,) = (Path(shop.uri).parent / "damaged").glob("*/index/products.lance")
    assert kept.is_dir()


def search_that_met_it(shop):
    open_live(shop.uri, live(shop)).to_arrow()
    raise RuntimeError("LanceDB met the damage")


def live(shop) -> int:
    return live_promotion(shop.store)["index_version"]


def test_a_deleted_folder_is_built_again(shop):
    shutil.rmtree(shop.uri)
    assert shop.stale_reason() == f"There is no index at '{shop.uri}'."
    assert shop.refresh().was_promoted
    assert shop.live_ids() == {1, 2, 3, 4}


def test_a_lost_tag_and_a_lost_version_are_seen(shop):
    open_newest(shop.uri).tags.delete(LIVE)
    assert shop.stale_reason() == f"The index at '{shop.uri}' has lost its tag 'live'."
    shop.refresh()
    assert version_loss(shop.uri, 99) == f"The index at '{shop.uri}' has no version 99"


@pytest.mark.parametrize("damage", [cut, empty, zero])
def test_a_damaged_tag_of_any_version_is_seen(shop, damage):
    (tag,) = Path(shop.uri).rglob("_refs/tags/built-*.json")
    damage(tag)
    assert "cannot be read" in shop.stale_reason()
    assert shop.refresh().was_promoted
    assert not shop.is_stale()


def test_an_index_without_a_list_is_opened_once_and_then_listed(shop, monkeypatch):
    Path(shop.uri, "files.json").unlink()
    assert not shop.is_stale()
    monkeypatch.setattr(health, "unreadable", None)
    assert not shop.is_stale()


def test_damage_that_the_sizes_do_not_show_is_found_by_reading_all(shop):
    (file,) = live_files(shop, "data/*.lance")
    content = file.read_bytes()
    file.write_bytes(bytes(len(content) - 2_000) + content[-2_000:])
    assert unreadable(shop.uri, live(shop), is_whole=True) is not None


def test_an_error_that_is_not_the_indexs_passes(shop):
    with pytest.raises(RuntimeError, match="of another kind"), loss_named(shop.uri, live(shop)):
        raise RuntimeError("of another kind")
