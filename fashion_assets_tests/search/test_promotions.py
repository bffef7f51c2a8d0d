from datetime import UTC, datetime

import pytest

from fashion_assets.search.index.versions import built_index, open_live
from fashion_assets.search.tables import (
    INDEX_PROMOTIONS,
    last_attempt,
    live_promotion,
    record_promotion,
    record_refusal,
)
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.embedding_rows import MODEL, build, color_rows

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in (5, 6, 7)]


@pytest.fixture
def store(tmp_path):
    return TableStore(str(tmp_path / "tables"))


def test_nothing_is_live_before_the_first_promotion(store):
    assert live_promotion(store) is None


def test_a_promotion_is_recorded_with_what_the_version_was_made_of(store, index_uri):
    built = build(index_uri, color_rows("red", "blue"))
    record_promotion(store, built, "checks passed", DAYS[0])
    assert live_promotion(store) == {
        "index_version": built.version,
        "content_fingerprint": built.facts.content_fingerprint,
        "rows": 2,
        "embedding_model": MODEL,
        "embedding_dimension": 4,
        "promoted_at": DAYS[0],
        "reason": "checks passed",
        "is_refused": False,
    }


def test_a_rollback_is_a_record_of_its_own(store, index_uri):
    old = build(index_uri, color_rows("red"))
    new = build(index_uri, color_rows("red", "blue"))
    record_promotion(store, old, "checks passed", DAYS[0])
    record_promotion(store, new, "checks passed", DAYS[1])
    record_promotion(store, built_index(open_live(index_uri, old.version)), "rolled back by hand", DAYS[2])
    live = live_promotion(store)
    assert (live["index_version"], live["rows"], live["reason"]) == (old.version, 1, "rolled back by hand")
    assert store.read(INDEX_PROMOTIONS)["index_version"].to_list() == [old.version, new.version, old.version]


def test_a_refusal_is_the_last_attempt_but_not_live(store, index_uri):
    old = build(index_uri, color_rows("red"))
    new = build(index_uri, color_rows("red", "blue"))
    assert last_attempt(store) is None
    record_promotion(store, old, "checks passed", DAYS[0])
    record_refusal(store, new, "recall: too low", DAYS[1])
    assert live_promotion(store)["index_version"] == old.version
    assert (last_attempt(store)["index_version"], last_attempt(store)["reason"]) == (
        new.version,
        "refused: recall: too low",
    )
