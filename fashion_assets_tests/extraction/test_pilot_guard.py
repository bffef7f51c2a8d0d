"""More than one batch needs a pilot that ended in PROCEED; one batch may be tried."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.pilot_guard import (
    PilotGuard,
    PilotRecord,
    PilotVerdict,
    last_pilot,
    record_pilot,
)
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.run_tags import is_part_of_backfill
from fashion_assets_tests.factories import attributes, product, products

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCHES = ("batch_00000", "batch_00001")
OWN = ("test", "fake")


@pytest.fixture
def catalog(store):
    for number, batch in enumerate(BATCHES):
        store.merge(INGESTED_PRODUCTS, products(product(number)), batch)
    return store


def describe(store, batch, **values):
    store.merge(EXTRACTED_ATTRIBUTES, attributes({"product_id": BATCHES.index(batch), **values}), batch)


def say(store, verdict, at=NOW):
    record_pilot(store, PilotRecord(*OWN, verdict, ("success: 60.0% of 100, at least 85% wanted.",), at, {"x": 1}))


def refused(store, is_backfill):
    guard = PilotGuard.of(store, *OWN)
    return [batch for batch in BATCHES if guard.refuses(batch, is_backfill)]


def test_one_batch_may_be_tried_but_not_a_backfill(catalog):
    assert refused(catalog, is_backfill=False) == []
    assert refused(catalog, is_backfill=True) == [*BATCHES]


def test_after_the_first_batch_the_others_wait_and_the_first_may_be_brought_up_to_date(catalog):
    describe(catalog, BATCHES[0])
    assert refused(catalog, is_backfill=False) == [BATCHES[1]]
    assert refused(catalog, is_backfill=True) == [BATCHES[1]]


@pytest.mark.parametrize("values", [{"model_id": "other"}, {"prompt_version": "other"}])
def test_rows_of_other_versions_are_no_trial_of_this_one(catalog, values):
    describe(catalog, BATCHES[0], **values)
    assert refused(catalog, is_backfill=False) == []


def test_a_catalog_of_one_batch_has_no_backfill(store):
    store.merge(INGESTED_PRODUCTS, products(product(1)), BATCHES[0])
    assert not PilotGuard.of(store, *OWN).refuses(BATCHES[0], is_backfill=True)


@pytest.mark.parametrize("verdict", PilotVerdict)
def test_only_proceed_opens_the_way(catalog, verdict):
    describe(catalog, BATCHES[0])
    say(catalog, verdict)
    assert refused(catalog, is_backfill=True) == ([] if verdict is PilotVerdict.PROCEED else [BATCHES[1]])


def test_the_last_pilot_of_these_versions_counts(catalog):
    say(catalog, PilotVerdict.PROCEED)
    say(catalog, PilotVerdict.REFINE, NOW + timedelta(hours=1))
    assert last_pilot(catalog, *OWN).verdict is PilotVerdict.REFINE
    assert last_pilot(catalog, *OWN).figures == {"x": 1}
    assert last_pilot(catalog, "other", "fake") is None
    assert last_pilot(catalog, "test", "other") is None


def test_the_refusal_says_why_and_ends_with_the_next_command(catalog):
    assert str(PilotGuard.of(catalog, *OWN).refusal()).endswith("Next: `fashion pilot`")
    say(catalog, PilotVerdict.REFINE)
    text = str(PilotGuard.of(catalog, *OWN).refusal())
    assert "REFINE PROMPTS: success: 60.0% of 100" in text
    assert text.endswith("Next: `fashion pilot`")


def test_after_a_pilot_that_proceeds_no_batch_is_read(catalog):
    describe(catalog, BATCHES[0])
    say(catalog, PilotVerdict.PROCEED)
    for table in (INGESTED_PRODUCTS, EXTRACTED_ATTRIBUTES):
        for file in Path(catalog.location(table)).glob("*/*.parquet"):
            file.unlink()
    assert refused(catalog, is_backfill=True) == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [({}, False), ({"dagster/backfill": "x"}, True), ({"dagster/sensor_name": "x"}, True), ({"other": "x"}, False)],
)
def test_who_started_a_run_is_seen_by_its_tags(tags, expected):
    assert is_part_of_backfill(tags) is expected
