"""The way back to an older version, a refused version that a person promotes, and what readers see meanwhile."""

import threading
from collections import Counter

import numpy as np
import pytest

from fashion_assets.errors import SearchError
from fashion_assets.search.index import refresh
from fashion_assets.search.index.decisions import promote_refused, roll_back
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


@pytest.fixture
def refusing(shop, monkeypatch):
    """The shop with a live version 1..4, and a refused one of fewer products; checks pass again afterwards."""
    shop.refresh()
    shop.sell(1, 2, 3)
    with monkeypatch.context() as patch:
        real = refresh.judge_recall
        patch.setattr(refresh, "judge_recall", lambda recall, least: real(0.5, least))
        assert not shop.refresh().was_promoted
    return shop


def promote_by_hand(shop, version=None, author="the catalog team", reason="seen and approved"):
    return promote_refused(shop.store, shop.uri, version, author, reason, shop.later())


def test_a_refused_version_is_promoted_on_record_and_its_content_is_settled(refusing):
    live, refused = live_version(refusing.uri), promotions(refusing.store)["index_version"][-1]
    promoted = promote_by_hand(refusing)
    assert (promoted.left, promoted.live.version) == (live, refused)
    assert promoted.refusal.startswith("refused: recall_at_20")
    assert refusing.live_ids() == {1, 2, 3}
    assert live_version(refusing.uri) == live_promotion(refusing.store)["index_version"] == refused
    assert promotions(refusing.store)["reason"][-1] == "promoted by the catalog team: seen and approved"
    assert not refusing.is_stale()
    again = refusing.refresh()
    assert (again.version, again.was_built, again.was_promoted) == (refused, False, False)


def test_what_changes_after_a_promotion_by_hand_is_built_from_that_version(refusing):
    promote_by_hand(refusing)
    refusing.sell(1, 2, 3, price=2.0)
    refreshed = refusing.refresh()
    assert (refreshed.rows_written, refreshed.rows_deleted, refreshed.was_promoted) == (3, 0, True)
    refusing.sell(1, 2)
    refusing.refresh()
    assert roll_back(refusing.store, refusing.uri, None, "me", "x", refusing.later())[1].version == refreshed.version


def test_a_version_promoted_by_hand_is_one_to_roll_back_to_and_one_rolled_back_can_be_promoted(refusing):
    by_hand = promote_by_hand(refusing).live.version
    refusing.sell(1, 2)
    newest = refusing.refresh().version
    assert roll_back(refusing.store, refusing.uri, None, "me", "x", refusing.later())[1].version == by_hand
    assert promote_by_hand(refusing, newest).refusal == "refused: rolled back by me: x"
    assert refusing.live_ids() == {1, 2}


@pytest.mark.parametrize(
    ("version", "author", "reason", "words"),
    [
        (None, " ", "x", "The person of a promotion is empty, but a promotion must name a person and a reason"),
        (None, "x", "", "The reason of a promotion is empty"),
        (1, "x", "x", "Index version 1 was not refused"),
        ("live", "x", "x", "was not refused"),
    ],
)
def test_a_promotion_by_hand_that_cannot_be_done_changes_nothing(refusing, version, author, reason, words):
    live, records = live_version(refusing.uri), len(refusing.store.read(INDEX_PROMOTIONS))
    with pytest.raises(SearchError, match=words):
        promote_by_hand(refusing, live if version == "live" else version, author, reason)
    assert (live_version(refusing.uri), len(refusing.store.read(INDEX_PROMOTIONS))) == (live, records)


def test_without_a_refused_version_there_is_nothing_to_promote(shop):
    shop.refresh()
    with pytest.raises(SearchError, match="The last version was not refused"):
        promote_by_hand(shop)


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
