"""The sensors request what has changed, once."""

import json
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunRequest, SkipReason, build_sensor_context
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from fashion_assets.automation import jobs, sensors
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.batches import register_batches
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.search.resources import IndexResource
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import attributes, product, products
from fashion_assets_tests.fakes.resources import fake_resources

CLIP = fake_resources()["clip"].model_identity()


@pytest.fixture
def instance():
    with DagsterInstance.ephemeral() as instance:
        register_batches(instance, ["batch_00000"])
        yield instance


def ask(sensor, instance, store, cursor=None, **resources) -> tuple[list[Any], str | None]:
    resources["tables"] = TablesResource(uri=store.uri)
    with build_sensor_context(instance, cursor=cursor, resources=resources) as context:
        return list(sensor(context)), context.cursor


def follow(instance, store, cursor=None):
    index, clip = IndexResource(uri=f"{store.uri}-index"), fake_resources()["clip"]
    return ask(sensors.index_follows_embeddings, instance, store, cursor, clip=clip, index=index, shop=SHIPPED)


def changed(instance, store):
    prompts = PromptsResource(folder=str(default_prompts_folder()))
    return ask(sensors.changed_batches, instance, store, prompts=prompts, shop=SHIPPED, **fake_resources())[0]


def look_at_source(instance: DagsterInstance, folder: Path, cursor: str | None = None) -> tuple[Any, str | None]:
    catalog = CatalogResource(source=str(folder / "styles.csv"), photos=str(folder))
    with build_sensor_context(instance, cursor=cursor, resources={"catalog": catalog}) as context:
        results: Any = sensors.source_changes(context)
        return next(results), context.cursor


def test_a_changed_source_is_ingested_once_it_is_stable(instance, tmp_path):
    assert "does not exist" in look_at_source(instance, tmp_path)[0].skip_message
    (tmp_path / "styles.csv").write_text("id")
    first, cursor = look_at_source(instance, tmp_path)
    (tmp_path / "1.jpg").write_bytes(b"photo")
    still_copying, cursor = look_at_source(instance, tmp_path, cursor)
    request, cursor = look_at_source(instance, tmp_path, cursor)
    again, cursor = look_at_source(instance, tmp_path, cursor)
    assert [type(result) for result in (first, still_copying, request, again)] == [
        SkipReason,
        SkipReason,
        RunRequest,
        SkipReason,
    ]
    (tmp_path / "1.jpg").write_bytes(b"another photo")
    _, cursor = look_at_source(instance, tmp_path, cursor)
    assert look_at_source(instance, tmp_path, cursor)[0].run_key != request.run_key


def test_a_new_batch_is_requested_with_the_reason(instance, store):
    store.merge(INGESTED_PRODUCTS, products(product(1)), "batch_00000")
    (request,) = changed(instance, store)
    assert isinstance(request, RunRequest)
    assert request.partition_key == "batch_00000"
    assert request.tags["fashion/why"] == "new batch"


def test_the_same_state_is_requested_under_one_key_an_hour(instance, store, monkeypatch):
    store.merge(INGESTED_PRODUCTS, products(product(1)), "batch_00000")
    first, again = changed(instance, store), changed(instance, store)
    assert first[0].run_key == again[0].run_key
    monkeypatch.setattr(sensors, "_this_hour", lambda: "2100-01-01T00")
    assert changed(instance, store)[0].run_key != first[0].run_key


def test_without_products_nothing_is_requested(instance, store):
    (skip,) = changed(instance, store)
    assert isinstance(skip, SkipReason)


def test_a_running_batch_is_not_requested_again(instance, store):
    store.merge(INGESTED_PRODUCTS, products(product(1)), "batch_00000")
    instance.add_run(
        DagsterRun(job_name="x", status=DagsterRunStatus.STARTED, tags={"dagster/partition": "batch_00000"})
    )
    (skip,) = changed(instance, store)
    assert isinstance(skip, SkipReason)


def test_the_index_sensor_remembers_what_it_has_seen(instance, store):
    (skip,), cursor = follow(instance, store)
    assert isinstance(skip, SkipReason)
    (skip,), _ = follow(instance, store, cursor)
    assert "Nothing has changed" in skip.skip_message


def test_the_index_sensor_requests_a_run_when_the_index_is_stale(instance, store):
    rows = products(product(1)).with_columns(embedding_model=pl.lit(CLIP))
    store.merge(INGESTED_PRODUCTS, rows, "batch_00000")
    store.merge(EMBEDDINGS, rows, "batch_00000")
    (request,), cursor = follow(instance, store)
    assert isinstance(request, RunRequest)
    assert cursor is None  # until the run has brought the index up to date, it is asked for again


def test_vectors_wait_for_running_batches_and_withdrawals_do_not(instance, store):
    run = DagsterRun(job_name="x", status=DagsterRunStatus.STARTED, tags={"dagster/partition": "batch_00000"})
    instance.add_run(run)
    rows = products(product(1), product(2)).with_columns(embedding_model=pl.lit(CLIP))
    store.merge(INGESTED_PRODUCTS, rows, "batch_00000")
    store.merge(EMBEDDINGS, rows, "batch_00000")
    cursor = json.dumps({"catalog": store.version(INGESTED_PRODUCTS), "vectors": 0})
    (skip,), _ = follow(instance, store, cursor)
    assert "Waiting for 1 batches" in skip.skip_message
    store.merge(INGESTED_PRODUCTS, rows.head(1), "batch_00000")
    (request,), _ = follow(instance, store, cursor)
    assert isinstance(request, RunRequest)


def judge(instance, store, cursor=None):
    return ask(sensors.catalog_follows_batches, instance, store, cursor)


def test_the_catalog_is_judged_once_after_the_last_batch(instance, store):
    (skip,), _ = judge(instance, store)
    assert isinstance(skip, SkipReason)
    store.merge(EXTRACTED_ATTRIBUTES, attributes({"product_id": 1, "article_type": "Shirts"}), "batch_00000")
    run = DagsterRun(job_name="x", status=DagsterRunStatus.STARTED, tags={"dagster/partition": "batch_00000"})
    instance.add_run(run)
    (skip,), _ = judge(instance, store)
    assert "Waiting for 1 batches" in skip.skip_message
    instance.delete_run(run.run_id)
    (request,), cursor = judge(instance, store)
    assert isinstance(request, RunRequest)
    (skip,), _ = judge(instance, store, cursor)
    assert "Nothing has changed" in skip.skip_message


@pytest.fixture
def retrying():
    with DagsterInstance.ephemeral(settings={"run_retries": {"enabled": True, "max_retries": 3}}) as instance:
        yield instance


def backfill(instance, status) -> str:
    backfill = PartitionBackfill(
        backfill_id="lost", status=status, from_failure=False, tags={}, backfill_timestamp=time.time()
    )
    instance.add_backfill(backfill)
    return backfill.backfill_id


def fail(instance, **tags):
    return instance.add_run(
        DagsterRun(
            job_name=jobs.BATCH,
            status=DagsterRunStatus.FAILURE,
            tags={"dagster/partition": "batch_00000", "dagster/will_retry": "true", **tags},
        )
    )


def restarted(instance):
    with build_sensor_context(instance) as context:
        results: Any = sensors.lost_runs(context)
        return [request for request in results if isinstance(request, RunRequest)]


def test_a_lost_run_of_a_completed_backfill_is_restarted_with_its_tags(retrying):
    of_backfill = {"dagster/backfill": backfill(retrying, BulkActionStatus.COMPLETED), "fashion/force": "true"}
    run = fail(retrying, **of_backfill)
    (request,) = restarted(retrying)
    assert (request.run_key, request.partition_key) == (run.run_id, "batch_00000")
    assert request.tags["fashion/force"] == "true" and request.tags["dagster/retry_number"] == "1"


@pytest.mark.parametrize("status", [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELED])
def test_what_dagster_restarts_or_a_person_cancelled_is_left_alone(retrying, status):
    fail(retrying, **{"dagster/backfill": backfill(retrying, status)})
    fail(retrying)
    assert restarted(retrying) == []


def test_a_run_is_restarted_a_limited_number_of_times(retrying):
    name = backfill(retrying, BulkActionStatus.COMPLETED)
    fail(retrying, **{"dagster/backfill": name, "dagster/retry_number": str(retrying.run_retries_max_retries)})
    fail(retrying, **{"dagster/backfill": name, "dagster/will_retry": "false"})
    assert restarted(retrying) == []
