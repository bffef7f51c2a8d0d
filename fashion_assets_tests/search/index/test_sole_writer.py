"""Two concurrent writers of the index: in a folder one waits, in an object store one fails; the live one is right."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from fashion_assets.errors import SearchError
from fashion_assets.search.index import refresh
from fashion_assets.search.index.decisions import roll_back
from fashion_assets.search.index.refresh import refresh_index
from fashion_assets.search.index.sole_writer import sole_writer
from fashion_assets.search.index.versions import live_version
from fashion_assets.search.tables import INDEX_PROMOTIONS
from fashion_assets_tests.factories.embedding_rows import MODEL
from fashion_assets_tests.fakes.indexed_shop import IndexedShop

REFRESHES = 3
BUSY = "Another process is writing the index"


@pytest.fixture
def shop(store, index_uri):
    return IndexedShop(store, index_uri)


def refresh_at_the_same_time(shop: IndexedShop) -> list:
    """What each refresh returned, or the SearchError that it raised."""

    def refreshed_or_refused(at):
        try:
            return refresh_index(shop.store, shop.uri, MODEL, at)
        except SearchError as error:
            return error

    with ThreadPoolExecutor(REFRESHES) as pool:
        return list(pool.map(refreshed_or_refused, [shop.later() for _ in range(REFRESHES)]))


def test_of_refreshes_at_the_same_time_one_builds_and_the_others_see_it(shop):
    found = refresh_at_the_same_time(shop)
    assert sorted(refreshed.was_built for refreshed in found) == [False, False, True]
    assert {refreshed.version for refreshed in found} == {live_version(shop.uri)}
    assert len(shop.store.read(INDEX_PROMOTIONS)) == 1


def test_in_an_object_store_one_is_refused_and_what_is_live_is_right(s3, store):
    shop = IndexedShop(store, "s3://shop/refreshes/index")
    for on_sale in ((1, 2, 3, 4), (1, 2, 3)):
        shop.sell(*on_sale)
        found = refresh_at_the_same_time(shop)
        refused = [str(each) for each in found if isinstance(each, SearchError)]
        assert len(refused) < REFRESHES
        assert all(BUSY in sentence for sentence in refused)
        assert shop.live_ids() == set(on_sale)
        assert not shop.is_stale()


def test_a_conflict_in_an_object_store_is_one_sentence_and_other_errors_are_as_they_are():
    with pytest.raises(SearchError, match=BUSY), sole_writer("s3://shop/index", 0):
        raise RuntimeError("lance error: Incompatible transaction: incompatible with concurrent transaction Overwrite")
    with pytest.raises(RuntimeError, match="disk"), sole_writer("s3://shop/index", 0):
        raise RuntimeError("disk full")


def test_a_refresh_waits_for_another_writer_and_then_says_so(shop, monkeypatch):
    monkeypatch.setattr(refresh, "WAIT_SECONDS", 0.1)
    with FileLock(f"{shop.uri}.lock"), pytest.raises(SearchError, match=BUSY):
        shop.refresh()
    assert shop.refresh().was_promoted


def test_a_rollback_during_a_build_is_refused_at_once(shop):
    shop.refresh()
    with FileLock(f"{shop.uri}.lock"), pytest.raises(SearchError, match=BUSY):
        roll_back(shop.store, shop.uri, None, "me", "worse", shop.later())
