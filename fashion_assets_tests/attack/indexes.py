"""The files of a search index, one of which is damaged."""

import tempfile
from functools import cache
from pathlib import Path

from fashion_assets.errors import IndexMissing
from fashion_assets.search.index.health import unreadable
from fashion_assets.search.index.refresh import refresh_index, stale_reason
from fashion_assets.search.index.versions import indexed_ids, open_live
from fashion_assets.search.tables import live_promotion
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.attack.stored import Files, files_in, unpack
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.embedding_rows import MODEL
from fashion_assets_tests.fakes.indexed_shop import IndexedShop

_TABLES, _INDEX = "tables", "index"


@cache
def index_files() -> Files:
    """The files of four products' tables and index, by path."""
    with tempfile.TemporaryDirectory() as folder:
        IndexedShop(TableStore(str(Path(folder, _TABLES))), str(Path(folder, _INDEX))).refresh()
        return files_in(Path(folder))


def damageable_index_files() -> Files:
    return {name: content for name, content in index_files().items() if name.startswith(_INDEX)}


def take_index_files(content: bytes, folder: Path) -> None:
    """An index that is searched, or whose loss is named, and which is built again then."""
    unpack(content, folder)
    store, uri = TableStore(str(folder / _TABLES)), str(folder / _INDEX)
    loss = unreadable(uri, _live(store), is_whole=True)
    if loss is not None:
        assert stale_reason(store, uri, MODEL) is not None, loss
        refresh_index(store, uri, MODEL, NOW)
        assert unreadable(uri, _live(store), is_whole=True) is None
        assert set(indexed_ids(open_live(uri, _live(store)))) == {1, 2, 3, 4}
        raise IndexMissing(value=loss, rule="a search needs it", remedy="run `fashion run`")


def _live(store: TableStore) -> int:
    promotion = live_promotion(store)
    assert promotion is not None
    return promotion["index_version"]
