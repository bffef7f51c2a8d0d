"""The way back to an older version, and what readers see meanwhile."""

import threading
from collections import Counter

import numpy as np
import pytest

from fashion_assets.errors import SearchError
from fashion_assets.search.index.rollback import roll_back
from fashion_assets.search.index.versions import live_version, open_live
from fashion_assets.search.query.search import search_vector
from fashion_assets.search.tables import INDEX_PROMOTIONS, live_promotion, promotions
from fashion_assets_tests.fakes.indexed_shop import IndexedShop


@pytest.fixture
def shop(store, index_uri):
    return IndexedShop(store, index_uri)


def test_a_rollback_serves_the_version_before_and_lasts_until_the_products_change(shop):
    first = shop.refresh().version
    shop.sell(1, 2, 3)
    second = shop.refresh().version
    left, found = roll_back(shop.store, shop.uri, None, "the catalog team", "a product is missing", shop.later())
    assert (left, found.version) == (second, first)
    assert shop.live_ids() == {1, 2, 3, 4}
    assert live_version(shop.uri) == first
    assert not shop.is_stale()
    assert promotions(shop.store)["reason"].to_list()[-2:] == [
        "refused: rolled back by the catalog team: a product is missing",
        "rolled back by the catalog team: a product is missing",
    ]
    shop.sell(1, 2)
    assert shop.is_stale()
    assert shop.refresh().was_promoted
    assert shop.live_ids() == {1, 2}


def test_two_rollbacks_go_back_two_versions(shop):
    versions = [shop.refresh().version]
    for ids in ((1, 2, 3), (1, 2)):
        shop.sell(*ids)
        versions.append(shop.refresh().version)
    for expected in reversed(versions[:-1]):
        assert roll_back(shop.store, shop.uri, None, "me", "worse", shop.later())[1].version == expected
    with pytest.raises(SearchError, match="nothing to roll back to"):
        roll_back(shop.store, shop.uri, None, "me", "worse", shop.later())


@pytest.mark.parametrize(
    ("version", "author", "reason", "words"),
    [
        (None, "", "x", "The person of a rollback is empty"),
        (None, "x", " ", "The reason of a rollback is empty"),
        (None, "x", "x", "nothing to roll back to"),
        (1, "x", "x", "was never finished"),
    ],
)
def test_a_rollback_that_cannot_be_done_changes_nothing(shop, version, author, reason, words):
    live = shop.refresh().version
    records = len(shop.store.read(INDEX_PROMOTIONS))
    with pytest.raises(SearchError, match=words):
        roll_back(shop.store, shop.uri, version, author, reason, shop.later())
    assert (live_version(shop.uri), len(shop.store.read(INDEX_PROMOTIONS))) == (live, records)


@pytest.mark.long_form
def test_readers_see_only_complete_versions_during_updates_promotions_and_rollbacks(shop, is_long):
    """Searches without a pause, each at the version that is live by then."""
    reads, contents = 1_000 if is_long else 100, {(1, 2, 3, 4), (1, 2, 3), (1, 2)}
    shop.refresh()
    seen, problems, done = Counter(), [], threading.Event()

    def read():
        while not done.is_set():
            try:
                table = open_live(shop.uri, live_promotion(shop.store)["index_version"])
                hits = search_vector(table, np.array([1, 0, 0, 0], np.float32), index="vs_text_search", limit=10)
                seen[tuple(sorted(hit.product_id for hit in hits))] += 1
            except Exception as problem:
                problems.append(problem)
                return

    reader = threading.Thread(target=read)
    reader.start()
    try:
        while seen.total() < reads and reader.is_alive():
            for ids in ((1, 2, 3), (1, 2)):
                shop.sell(*ids)
                shop.refresh()
            roll_back(shop.store, shop.uri, None, "me", "worse", shop.later())
            shop.sell(1, 2, 3, 4)
            shop.refresh()
    finally:
        done.set()
        reader.join()
    assert problems == []
    assert seen.total() >= reads
    assert set(seen) == contents
