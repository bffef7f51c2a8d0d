"""docs/databricks.md walked through as a newcomer would, with nothing but its steps, against the double of a workspace.

The demo models run on the "clusters" for real, and the tables are those that this machine makes by itself. What stands
for the reader's own (host, secret, folders, bucket, models) is replaced; nothing is added but FASHION_DEVICE, since the
double's clusters have no GPU.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from dagster import DagsterInstance
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from docs.generate import described_settings
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.cli.app import app
from fashion_assets.compute import resources
from fashion_assets.compute.workspace import open_workspace
from fashion_assets.demo.catalog import write_demo_catalog
from fashion_assets.demo.models import clip_folder, vlm_folder
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.search.databricks import resources as search_resources
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH
from fashion_assets_tests.fakes.databricks.clocks import BriskClock
from fashion_assets_tests.fakes.databricks.jobs import order_of
from fashion_assets_tests.fakes.databricks.vector_search import VectorSearch

DOCS = Path(__file__).parents[2] / "docs" / "databricks.md"
TEXT = DOCS.read_text()
PRODUCTS = 40


def blocks(language):
    return [re.sub(r"^ {3}", "", block, flags=re.M) for block in re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)]


COMMANDS = [line for block in blocks("bash") for line in block.splitlines() if line.strip()]


def test_every_setting_that_is_named_exists():
    named = set(re.findall(r"FASHION_[A-Z_]+", TEXT))
    assert named <= set(described_settings())


@pytest.fixture
def newcomer(workspace, tmp_path, monkeypatch):
    """A machine with a catalog and models below /data/shop, and a workspace with Vector Search."""
    shop = tmp_path / "data" / "shop"
    write_demo_catalog(shop, PRODUCTS, processes=1)
    shutil.copytree(vlm_folder(), shop / "models" / "SmolVLM-Instruct")
    shutil.copytree(clip_folder(), shop / "models" / "ViT-B-32")
    for module in (resources, search_resources):
        monkeypatch.setattr(module, "open_workspace", lambda: open_workspace(BriskClock()))
    monkeypatch.setenv("FASHION_DEVICE", "cpu")
    vector_search = VectorSearch()
    workspace.routes += vector_search.routes()
    (tmp_path / "fashion").mkdir()  # a bucket has no folders that could be missing

    def with_own_paths(text):
        return text.replace("/data/shop", str(shop)).replace("s3://bucket", f"file://{tmp_path}")

    return with_own_paths, vector_search


def test_the_steps_lead_to_a_finished_batch(newcomer, workspace, monkeypatch):
    with_own_paths, vector_search = newcomer
    credentials = [line.removeprefix("export ").split("=")[0] for line in COMMANDS if line.startswith("export ")]
    assert set(credentials) == set(workspace.environment())
    (settings,) = blocks("ini")
    Path(".env").write_text(with_own_paths(settings))
    for command in COMMANDS:
        if command.startswith("databricks fs cp"):
            *_, here, there = shlex.split(command)
            workspace.volumes.put(Path(with_own_paths(here)), there.removeprefix("dbfs:"))
        elif command.startswith("fashion "):
            done = CliRunner().invoke(app, shlex.split(command)[1:])
            assert done.exit_code == 0, f"{command}: {done.output}"
            if command.startswith("fashion status"):
                _register_tables(vector_search)
    assert [order_of(run)["asset"] for run in workspace.jobs.runs.values()] == [
        "extracted_attributes",
        "clip_embeddings",
    ]
    assert len(vector_search.indexes) == 5
    _require_local_tables(TableStore(load_settings().tables_uri), monkeypatch)


def _require_local_tables(remote, monkeypatch):
    """The same catalog, models and prompts without Databricks make the same tables."""
    monkeypatch.setenv("FASHION_PROFILE", "local")
    with Pipeline(load_settings(home="here"), instance=DagsterInstance.ephemeral()) as here:
        here.ingest()
        assert not here.run_batch("batch_00000").is_blocked
    for table in (EXTRACTED_ATTRIBUTES, ENRICHED_DESCRIPTIONS, EMBEDDINGS):
        names = [BATCH, *table.hashed_columns]
        expected, actual = here.store.read(table, columns=names), remote.read(table, columns=names)
        assert len(expected) == PRODUCTS
        assert_frame_equal(actual, expected)
    vectors = [store.read(EMBEDDINGS, columns=list(VECTOR_COLUMNS)) for store in (remote, here.store)]
    assert_frame_equal(*vectors, abs_tol=1e-6)


def _register_tables(vector_search):
    store = TableStore(load_settings().tables_uri)
    tables = {table.name: table for table in (EXTRACTED_ATTRIBUTES, ENRICHED_DESCRIPTIONS, EMBEDDINGS)}
    for full_name, location in re.findall(r"CREATE TABLE (\S+) USING DELTA LOCATION '(\S+)'", TEXT):
        table = tables[full_name.rpartition(".")[2]]
        assert location == f"s3://bucket/fashion/{table.name}"
        vector_search.tables[full_name] = (store, table)
