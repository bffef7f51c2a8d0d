"""Without a pilot that said PROCEED, no way leads to a second batch: command line, UI backfill, sensor."""

import pytest
from dagster import DagsterInstance, SkipReason, build_sensor_context

from fashion_assets.app.pipeline import Pipeline, RunFailed
from fashion_assets.app.run import run_pipeline
from fashion_assets.automation import sensors
from fashion_assets.errors import PilotRefused
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.run_tags import FORCE_TAG
from fashion_assets.storage.table import BATCH
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import let_proceed

NEXT = r"Next: `fashion pilot`$"


@pytest.fixture
def pipeline(shop):
    """A shop of two batches whose prompts and model have never been piloted."""
    shop.write_products()
    with Pipeline(shop.settings, with_fakes(shop.settings), DagsterInstance.ephemeral()) as pipeline:
        pipeline.ingest()
        pipeline.register_batches()
        yield pipeline


def extracted_batches(pipeline):
    return sorted(pipeline.store.read(EXTRACTED_ATTRIBUTES)[BATCH].unique())


def test_the_second_batch_is_refused_inside_the_asset_until_it_is_forced(pipeline):
    pipeline.run_batch("batch_00000", "extracted_attributes")
    with pytest.raises(RunFailed, match=NEXT):
        pipeline.run_batch("batch_00001", "extracted_attributes")
    assert extracted_batches(pipeline) == ["batch_00000"]
    pipeline.run_batch("batch_00001", "extracted_attributes", force=True)
    assert extracted_batches(pipeline) == ["batch_00000", "batch_00001"]


def test_a_backfill_of_the_ui_is_refused_from_its_first_batch(pipeline):
    job = pipeline._definitions.resolve_job_def("batch_pipeline")

    def backfill(**tags):
        return job.execute_in_process(
            instance=pipeline._instance,
            partition_key="batch_00000",
            tags={"dagster/backfill": "abc", **tags},
            raise_on_error=False,
        )

    refused = backfill()
    assert not refused.success
    (failure,) = [event for event in refused.all_events if event.event_type_value == "STEP_FAILURE"]
    assert "PilotRefused" in failure.step_failure_data.error.to_string()
    assert extracted_batches(pipeline) == []
    assert backfill(**{FORCE_TAG: "true"}).success
    assert extracted_batches(pipeline) == ["batch_00000"]


def test_a_pilot_that_says_proceed_lets_a_backfill_start(pipeline):
    let_proceed(pipeline)
    job = pipeline._definitions.resolve_job_def("batch_pipeline")
    tags = {"dagster/backfill": "abc"}
    assert job.execute_in_process(instance=pipeline._instance, partition_key="batch_00000", tags=tags).success


def test_the_command_line_refuses_before_the_first_batch(pipeline):
    with pytest.raises(PilotRefused, match=NEXT):
        run_pipeline(pipeline)
    assert extracted_batches(pipeline) == []
    assert [outcome.is_blocked for outcome in run_pipeline(pipeline, force=True)] == [False, False]


def test_loading_products_needs_no_pilot(pipeline):
    assert len(run_pipeline(pipeline, until="products")) == 2


def test_the_sensor_waits_for_the_pilot(pipeline):
    def ask():
        with build_sensor_context(pipeline._instance, resources=pipeline.resources.by_name()) as context:
            return list(sensors.changed_batches(context))

    (skip,) = ask()
    assert isinstance(skip, SkipReason)
    assert skip.skip_message.startswith("2 changed batches wait for a pilot.")
    assert skip.skip_message.endswith("Next: `fashion pilot`")
    let_proceed(pipeline)
    assert [request.partition_key for request in ask()] == ["batch_00000", "batch_00001"]


def test_a_model_that_does_not_know_the_shop_is_told_so_by_the_pilot(pipeline):
    record = pipeline.pilot()
    assert record.verdict == "RECONSIDER"  # the fake is sure of leather in grey photos
    with pytest.raises(PilotRefused, match="empty photos") as refused:
        run_pipeline(pipeline, pilot_first=True)
    assert str(refused.value).endswith("Next: `fashion pilot`")
