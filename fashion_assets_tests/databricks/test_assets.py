"""The delta-sync indexes in Dagster: there with the profile `databricks`, and with no other."""

import subprocess
import sys

import polars as pl
import pytest
from dagster import AssetCheckSeverity, AssetKey, materialize

from fashion_assets.automation import jobs
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.compute.workspace import open_workspace
from fashion_assets.definitions import build_definitions
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.quality.resources import LabelsResource
from fashion_assets.search.assets import SEARCH, build_search_indexes
from fashion_assets.search.databricks.assets import ASSET, delta_sync_indexes
from fashion_assets.search.databricks.resources import VectorSearchResource
from fashion_assets.search.resources import IndexResource
from fashion_assets.settings import load_settings
from fashion_assets.shop.limits import IndexLimits, Limits
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.fakes.databricks.clocks import FastClock
from fashion_assets_tests.fakes.databricks.vector_search import PLACE
from fashion_assets_tests.fakes.resources import fake_resources

DATABRICKS = {"profile": "databricks", "databricks_catalog": "shop", "databricks_schema": "fashion"}


class FastVectorSearch(VectorSearchResource):
    def client(self):
        return open_workspace(FastClock())


@pytest.fixture
def run(workspace, embedded):
    """Materializes the indexes in Databricks, after `upstream` ones."""

    def materialize_indexes(*upstream, **resources):
        resources["tables"] = TablesResource(uri=embedded.uri)
        resources["vector_search"] = FastVectorSearch(
            catalog=PLACE.catalog, schema_name=PLACE.schema, endpoint=PLACE.endpoint, timeout_minutes=5
        )
        return materialize([*upstream, delta_sync_indexes], resources=resources, raise_on_error=False)

    return materialize_indexes


def test_the_asset_tells_rows_and_states(run, vector_search):
    vector_search.looks_to_sync = 2
    result = run()
    (materialization,) = result.asset_materializations_for_node(ASSET)
    metadata = {key: entry.value for key, entry in materialization.metadata.items()}
    assert (metadata["dagster/row_count"], metadata["source_rows"]) == (8, 9)
    assert metadata["source_table"] == PLACE.source_table
    assert metadata["indexes"]["vs_text_search"] == {
        "name": "shop.fashion.vs_text_search",
        "rows": 9,
        "source_rows_with_vector": 9,
        "state": "ONLINE_NO_PENDING_UPDATE",
        "source_version": metadata["source_version"],
        "was_created": True,
    }
    (check,) = result.get_asset_check_evaluations()
    assert check.passed


def test_lost_rows_fail_the_run(run, vector_search):
    vector_search.rows_lost = 2
    (check,) = run().get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, AssetCheckSeverity.ERROR)
    assert "vs_text_search holds 7 rows, where 9 are wanted" in check.description


def test_a_sync_that_fails_fails_the_step_and_later_ones_mend_it(run, vector_search):
    vector_search.looks_to_provision = 1000
    assert not run().success
    vector_search.endpoints["fashion_assets"]["looks_left"] = 0
    assert run().success


@pytest.mark.parametrize("least_recall", [0.99, 1.01])
def test_rows_that_the_checks_of_lancedb_refuse_are_not_synced(run, workspace, embedded, tmp_path, least_recall):
    on_sale = pl.DataFrame({"product_id": range(1, 8)})
    embedded.merge(INGESTED_PRODUCTS, conform(on_sale, INGESTED_PRODUCTS), BATCH_0)
    result = run(
        build_search_indexes,
        **SEARCH,
        clip=fake_resources()["clip"],
        index=IndexResource(uri=str(tmp_path / "index")),
        catalog=CatalogResource(source="", photos=str(tmp_path / "photos")),
        labels=LabelsResource(),
        shop=ShopProfile(limits=Limits(index=IndexLimits(least_recall=least_recall))),
    )
    assert result.success == bool(workspace.requests) == (least_recall < 1)


def test_the_profile_puts_them_into_the_index_job():
    definitions = build_definitions(load_settings(**DATABRICKS, databricks_endpoint="small", databricks_timeout=5))
    assert AssetKey(ASSET) in definitions.resolve_job_def(jobs.INDEX).asset_layer.executable_asset_keys
    resource = definitions.resources["vector_search"]
    assert (resource.catalog, resource.schema_name, resource.endpoint, resource.timeout_minutes) == (
        "shop",
        "fashion",
        "small",
        5,
    )


def test_other_profiles_have_and_load_nothing_of_it():
    script = (
        "import sys; from fashion_assets.definitions import build_definitions; from fashion_assets.settings import *;"
        "defs = build_definitions(load_settings(profile='local', source='a.csv'));"
        "keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()};"
        "print('vs_text_search' in keys, 'delta_sync_indexes' in keys, 'vector_search' in defs.resources,"
        " 'databricks' in sys.modules, 'fashion_assets.search.databricks' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "False", "False"]
