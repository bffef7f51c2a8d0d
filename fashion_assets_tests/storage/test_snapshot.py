"""A snapshot shows each table as it was when first read, on any thread."""

from concurrent.futures import ThreadPoolExecutor

from fashion_assets.storage.reader import snapshot
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.tables import LOG, THINGS, things


def test_what_is_written_after_the_first_read_is_not_seen(tmp_path):
    store = TableStore(str(tmp_path))
    store.merge(THINGS, things(1, 2), "batch_00000")
    pinned = snapshot(store)
    assert len(pinned.read(THINGS)) == 2 and pinned.read(LOG).is_empty()
    store.merge(THINGS, things(2, 3, 4, name="b"), "batch_00000")
    store.merge(THINGS, things(5), "batch_00001")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(pinned.read, THINGS).result()["name"].to_list() == ["a", "a"]
    assert pinned.batches(THINGS) == ["batch_00000"]
    assert store.read(THINGS)["product_id"].to_list() == [2, 3, 4, 5]
