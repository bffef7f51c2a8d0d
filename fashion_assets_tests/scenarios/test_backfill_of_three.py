"""Three batches, one of them bad: the other two reach the index, and the bad one only when a person lets it."""

from datetime import UTC, datetime

import pytest
from dagster import DagsterInstance

from fashion_assets.app.pipeline import Pipeline, RunFailed
from fashion_assets.quality.tables import VERDICT_OVERRIDES
from fashion_assets.quality.verdicts.verdict import override_verdict
from fashion_assets_tests.factories import BLUE, write_photo
from fashion_assets_tests.fakes.resources import FakeVlmResource, with_fakes
from fashion_assets_tests.fakes.shop import PER_BATCH, indexed_ids, let_proceed

BATCHES = ("batch_00000", "batch_00001", "batch_00002")
BAD = BATCHES[1]
BAD_IDS = set(range(PER_BATCH + 1, 2 * PER_BATCH + 1))
ALL_IDS = set(range(1, 3 * PER_BATCH + 1))
DOWNSTREAM = ("enriched_descriptions", "clip_embeddings")


@pytest.fixture
def pipeline(shop):
    """A shop of three batches and a model that has no word for what the photos of the second one show."""
    for number in range(2 * PER_BATCH + 1, 3 * PER_BATCH + 1):
        shop.rows[number] = shop._row(number)
        write_photo(shop.folder / "images", f"{number}.jpg", (200 - number, number, 0))
    for number in BAD_IDS:
        write_photo(shop.folder / "images", f"{number}.jpg", (0, number, BLUE[2]))
    shop.write_products()
    resources = with_fakes(shop.settings, vlm=FakeVlmResource(misses="metal"))
    with Pipeline(shop.settings, resources, DagsterInstance.ephemeral()) as pipeline:
        let_proceed(pipeline)
        pipeline.ingest()
        yield pipeline


def backfill(pipeline) -> None:
    """A run for each batch, as a backfill of the UI makes them."""
    pipeline.register_batches()
    job = pipeline._definitions.resolve_job_def("batch_pipeline")
    for batch in BATCHES:
        job.execute_in_process(
            instance=pipeline._instance, partition_key=batch, tags={"dagster/backfill": "abc"}, raise_on_error=False
        )
    pipeline.refresh_index()


def test_in_one_run_a_batch_the_bad_one_is_stopped_and_the_others_reach_the_index(pipeline):
    backfill(pipeline)
    assert indexed_ids(pipeline) == ALL_IDS - BAD_IDS


def test_in_separate_runs_too(pipeline):
    for batch in BATCHES:
        pipeline.run_batch(batch, "extracted_attributes")
    for batch in BATCHES:
        if batch == BAD:
            with pytest.raises(RunFailed, match=f"Batch {BAD} is stopped by its quality gates"):
                pipeline.run_assets(batch, DOWNSTREAM)
        else:
            pipeline.run_assets(batch, DOWNSTREAM)
    pipeline.refresh_index()
    assert indexed_ids(pipeline) == ALL_IDS - BAD_IDS


def test_the_override_lets_it_through_and_is_on_record(pipeline):
    backfill(pipeline)
    override_verdict(pipeline.store, BAD, "the catalog team", "looked at by hand", datetime.now(UTC))
    backfill(pipeline)
    assert indexed_ids(pipeline) == ALL_IDS
    record = pipeline.store.read(VERDICT_OVERRIDES)
    assert record.select("batch", "author", "reason").rows() == [(BAD, "the catalog team", "looked at by hand")]
