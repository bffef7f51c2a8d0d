"""The sensors ask for what has changed, once."""

import polars as pl
import pytest
from dagster import DagsterInstance, RunRequest, SkipReason, build_sensor_context

from fashion_assets import sensors
from fashion_assets.batches import BATCHES
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.storage.io_manager import TablesResource
from fashion_assets_tests.factories import product, products
from fashion_assets_tests.fakes import fake_resources


@pytest.fixture
def instance():
    with DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(BATCHES.name, ["batch_00000"])
        yield instance


def ask(sensor, instance, store, cursor=None, **resources):
    resources["tables"] = TablesResource(uri=store.uri)
    with build_sensor_context(instance, cursor=cursor, resources=resources) as context:
        return list(sensor(context)), context.cursor


def changed(instance, store):
    prompts = PromptsResource(folder=str(default_prompts_folder()))
    return ask(sensors.changed_batches, instance, store, prompts=prompts, **fake_resources())[0]


def test_a_new_batch_is_asked_for_with_the_reason(instance, store):
    store.merge(INGESTED_PRODUCTS, products(product(1)), "batch_00000")
    (request,) = changed(instance, store)
    assert isinstance(request, RunRequest)
    assert request.partition_key == "batch_00000"
    assert request.tags["fashion/why"] == "new batch"


def test_without_products_nothing_is_asked_for(instance, store):
    (skip,) = changed(instance, store)
    assert isinstance(skip, SkipReason)


def test_a_batch_that_is_running_is_not_asked_for_again(instance, store):
    from dagster import DagsterRun, DagsterRunStatus

    store.merge(INGESTED_PRODUCTS, products(product(1)), "batch_00000")
    instance.add_run(
        DagsterRun(job_name="x", status=DagsterRunStatus.STARTED, tags={"dagster/partition": "batch_00000"})
    )
    (skip,) = changed(instance, store)
    assert isinstance(skip, SkipReason)


def test_the_index_sensor_remembers_what_it_has_seen(instance, store):
    (skip,), cursor = ask(sensors.index_follows_embeddings, instance, store)
    assert isinstance(skip, SkipReason)
    (skip,), _ = ask(sensors.index_follows_embeddings, instance, store, cursor)
    assert "Nothing has changed" in skip.skip_message


def test_the_index_sensor_asks_when_the_index_is_behind(instance, store):
    from fashion_assets.embeddings.tables import EMBEDDINGS

    rows = products(product(1)).with_columns(embedding_model=pl.lit("fake"))
    store.merge(INGESTED_PRODUCTS, rows, "batch_00000")
    store.merge(EMBEDDINGS, rows, "batch_00000")
    (request,), cursor = ask(sensors.index_follows_embeddings, instance, store)
    assert request.run_key == cursor == f"{store.version(EMBEDDINGS)}-{store.version(INGESTED_PRODUCTS)}"
