"""Which settings reach the cluster, and which values are refused before anything starts."""

import json

import pytest

from fashion_assets.app.cluster import Order, compute_batches
from fashion_assets.automation.resources import build_resources
from fashion_assets.compute.cluster_settings import settings_of_cluster
from fashion_assets.compute.resources import ComputeResource, DatabricksCompute
from fashion_assets.errors import ModelError, SettingsError
from fashion_assets.settings import load_settings

THERE = "/Volumes/shop/fashion/files"


@pytest.fixture
def databricks(tmp_path):
    """Settings with everything that a cluster needs, and overrides."""

    def load(**given):
        usual = {
            "profile": "databricks",
            "source": tmp_path / "catalog.csv",
            "vlm": "demo",
            "clip": "demo",
            "databricks_catalog": "shop",
            "databricks_schema": "fashion",
            "tables": "s3://bucket/fashion",
            "databricks_volume": THERE,
            "databricks_folders": json.dumps({str(tmp_path): f"{THERE}/shop"}),
        }
        return load_settings(**{**usual, **given})

    return load


def test_folders_are_the_clusters_own_and_secrets_stay_here(databricks, tmp_path):
    (tmp_path / "models" / "vlm").mkdir(parents=True)
    settings = databricks(vlm=str(tmp_path / "models" / "vlm"), alerts="slack://secret", endpoint_key="secret")
    there = settings_of_cluster(settings)
    assert (there["photos"], there["vlm"], there["clip"]) == (f"{THERE}/shop", f"{THERE}/shop/models/vlm", "demo")
    assert "secret" not in str(there)
    assert load_settings(**there).tables_uri == "s3://bucket/fashion"
    assert type(build_resources(load_settings(**there)).compute) is ComputeResource


@pytest.mark.parametrize(("device", "there"), [("auto", "cuda"), ("cpu", "cpu")])
def test_a_cluster_without_its_gpu_does_not_fall_back_to_the_cpu(databricks, device, there):
    assert settings_of_cluster(databricks(device=device))["device"] == there


def test_photos_that_only_this_machine_has_are_refused(databricks, tmp_path):
    with pytest.raises(
        SettingsError, match=r"FASHION_PHOTOS is the folder .*but clusters must be able to read it; copy it"
    ):
        build_resources(databricks(databricks_folders="{}"))
    assert settings_of_cluster(databricks(databricks_folders="{}", photos=f"{THERE}/x"))["photos"] == f"{THERE}/x"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tables": None}, "FASHION_TABLES is None, but clusters and this machine can share"),
        ({"tables": "/data/tables"}, "set a URI such as s3:"),
        ({"databricks_volume": "dbfs:/x"}, "FASHION_DATABRICKS_VOLUME is 'dbfs:/x'"),
        ({"databricks_folders": "{"}, "FASHION_DATABRICKS_FOLDERS .*it must be JSON"),
        (
            {"databricks_environment": '{"HF_TOKEN": "hf_1"}'},
            "the value of HF_TOKEN, but the workspace would show it",
        ),
    ],
)
def test_invalid_values_are_refused(databricks, given, words):
    with pytest.raises(SettingsError, match=words) as caught:
        build_resources(databricks(**given))
    assert "hf_1" not in str(caught.value)


def test_a_secret_may_be_referred_to(databricks):
    settings = databricks(databricks_environment='{"HF_TOKEN": "{{secrets/fashion/hf}}"}')
    assert build_resources(settings).compute.environment == {"HF_TOKEN": "{{secrets/fashion/hf}}"}


def test_batches_stay_here_without_a_volume_and_with_an_endpoint(databricks):
    assert isinstance(build_resources(databricks()).compute, DatabricksCompute)
    for given in ({"databricks_volume": None}, {"endpoint": "http://127.0.0.1:1/v1"}):
        assert type(build_resources(databricks(**given)).compute) is ComputeResource


def test_another_model_on_the_cluster_is_refused(databricks, tmp_path):
    there = settings_of_cluster(databricks(device="cpu", tables=f"file://{tmp_path}/tables"))
    order = Order("clip_embeddings", [], "request", False, {"clip": "demo-clip@000000000000"}, there)
    with pytest.raises(ModelError, match=r"FASHION_CLIP is 'demo-clip@.*' on the cluster and 'demo-clip@0000"):
        compute_batches(order, print)
