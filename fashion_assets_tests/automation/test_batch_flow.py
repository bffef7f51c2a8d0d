"""The assets of a batch, and their order, come from what the assets declare."""

import dagster as dg
import pytest

from fashion_assets.automation import jobs
from fashion_assets.automation.batch_flow import BatchFlow, batch_flow
from fashion_assets.definitions import build_definitions
from fashion_assets.errors import SettingsError
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.settings import load_settings

OTHERS = dg.DynamicPartitionsDefinition(name="others")


@dg.asset
def source(): ...


@dg.asset(partitions_def=BATCHES, deps=[source])
def cut(): ...


@dg.asset(partitions_def=BATCHES, deps=[cut])
def sewn(): ...


@dg.asset(partitions_def=BATCHES, deps=[sewn, cut])
def packed(): ...


@dg.asset(partitions_def=OTHERS, deps=[cut])
def elsewhere(): ...


@dg.asset(deps=[packed])
def shipped(): ...


def test_only_what_has_batches_is_in_the_flow_in_the_order_of_the_dependencies():
    flow = batch_flow(dg.Definitions(assets=[shipped, elsewhere, packed, sewn, cut, source]))
    assert flow == BatchFlow(("cut", "sewn", "packed"))


def test_a_flow_is_cut_at_an_asset():
    flow = BatchFlow(("cut", "sewn", "packed"))
    assert (flow.until("sewn"), flow.since("sewn")) == (("cut", "sewn"), ("sewn", "packed"))
    with pytest.raises(ValueError, match="not in tuple"):
        flow.until("shipped")


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (jobs.INGEST, {"ingested_products", "product_variants", "quarantined_rows", "photos", "batch_assignments"}),
        (
            jobs.BATCH,
            {
                "products",
                "extracted_attributes",
                "consistency_checks",
                "enriched_descriptions",
                "clip_embeddings",
            },
        ),
        (
            jobs.RETRY,
            {"extracted_attributes", "consistency_checks", "enriched_descriptions", "clip_embeddings"},
        ),
        (jobs.PILOT_FIRST, {"pilot_verdict"}),
        (jobs.CATALOG, {"catalog_quality"}),
    ],
)
def test_each_job_has_its_assets(job, expected):
    keys = build_definitions(load_settings()).resolve_job_def(job).asset_layer.executable_asset_keys
    assert {key.to_user_string() for key in keys} == expected


def test_a_run_until_an_asset_outside_the_flow_is_refused(shop):
    with shop.open() as pipeline, pytest.raises(SettingsError, match="use one of products, extracted_attributes, "):
        pipeline.run_batch("batch_00000", until="catalog_quality")
