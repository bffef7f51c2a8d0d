"""The batches that an asset offers to compute in the same run: those that run next and may."""

import pytest
from dagster import (
    AssetExecutionContext,
    AssetKey,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    DynamicPartitionsDefinition,
    asset,
    materialize,
)

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.compute.resources import ComputeResource
from fashion_assets.extraction.pilot_guard import PILOTS
from fashion_assets.orchestration.run_tags import NEXT_BATCHES_TAG
from fashion_assets.orchestration.runs import next_batches
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import let_proceed

FIRST, SECOND = "batch_00000", "batch_00001"
OFFERED: list[tuple[str, str, list[str]]] = []
NEXT: list[str] = []


class NotingCompute(ComputeResource):
    """Computes here, and notes what could have been taken along."""

    def run(self, context, task, here):
        OFFERED.append((task.asset, task.batch, task.next_batches()))
        return here()


def test_only_batches_that_may_be_inferred_or_embedded_are_offered(shop):
    OFFERED.clear()
    shop.write_products()
    with Pipeline(
        shop.settings, with_fakes(shop.settings, compute=NotingCompute()), DagsterInstance.ephemeral()
    ) as pipeline:
        pipeline.ingest()
        pipeline.run_batch(FIRST, "extracted_attributes", next_batches=[SECOND])
        assert pipeline.store.read(PILOTS).is_empty()
        let_proceed(pipeline)
        pipeline.run_batch(FIRST, next_batches=[SECOND])
        pipeline.run_batch(SECOND, "enriched_descriptions")
        pipeline.run_batch(FIRST, next_batches=[SECOND])
    assert OFFERED == [
        ("extracted_attributes", FIRST, []),
        ("extracted_attributes", FIRST, [SECOND]),
        ("clip_embeddings", FIRST, []),
        ("extracted_attributes", SECOND, []),
        ("extracted_attributes", FIRST, [SECOND]),
        ("clip_embeddings", FIRST, [SECOND]),
    ]


@asset(partitions_def=DynamicPartitionsDefinition(name="offered"))
def offering(context: AssetExecutionContext):
    NEXT.extend(next_batches(context))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [({}, ["b2", "b3"]), ({NEXT_BATCHES_TAG: ""}, []), ({NEXT_BATCHES_TAG: "b4,b5"}, ["b4", "b5"])],
)
def test_queued_runs_come_next_unless_a_command_names_batches(tags, expected):
    NEXT.clear()
    instance = DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("offered", ["b1"])
    queued = [
        ("b3", DagsterRunStatus.NOT_STARTED, None),
        ("b2", DagsterRunStatus.STARTED, {AssetKey("offering")}),
        ("b6", DagsterRunStatus.NOT_STARTED, {AssetKey("another")}),
        ("b7", DagsterRunStatus.SUCCESS, None),
    ]
    for batch, status, selection in queued:
        partition = {"dagster/partition": batch}
        instance.add_run(DagsterRun("job", status=status, tags=partition, asset_selection=selection))
    materialize([offering], partition_key="b1", instance=instance, tags=tags)
    assert expected == NEXT
