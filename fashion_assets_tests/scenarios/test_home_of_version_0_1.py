"""A home that version 0.1 (627a369) made works on: nothing is computed again, and what people decided still counts.

`home_of_version_0_1.tar.xz` is what these commands of that version left behind, without photos, reports and the logs of
single runs: `fashion demo` of 50 products, `fashion corrections import`, `fashion run`, `fashion accept`, and again
`fashion run`. The photos are drawn again; should a newer Pillow encode them differently, make the archive again so.
"""

import hashlib
import json
import os
import shutil
import tarfile
from pathlib import Path

import polars as pl
import pytest
import yaml
from deltalake import DeltaTable
from typer.testing import CliRunner

from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.cli.app import app
from fashion_assets.demo.catalog import write_demo_catalog
from fashion_assets.storage.store import TableStore

ARCHIVE = Path(__file__).with_name("home_of_version_0_1.tar.xz")
PRODUCTS = 50
CORRECTED = 10001
DRESSES = [10113, 10100]
"""In the order in which that version found them for "red dress"."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """The home with its photos, as old as they were; to be copied, never changed."""
    home = tmp_path_factory.mktemp("old") / "home"
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(home, filter="data")
    drawn = write_demo_catalog(tmp_path_factory.mktemp("drawn"), PRODUCTS, processes=1)
    assert drawn.table.read_bytes() == (home / "demo" / "catalog.csv").read_bytes()
    shutil.move(drawn.images, home / "demo" / "images")
    known = TableStore(str(home / "tables")).read(PHOTOS).drop_nulls("sha256")
    for path, sha256, modified in known.select("image_path", "sha256", "modified_ns").iter_rows():
        photo = home / "demo" / path
        assert hashlib.sha256(photo.read_bytes()).hexdigest() == sha256, "the photos are drawn differently by now"
        os.utime(photo, ns=(modified, modified))
    return home


@pytest.fixture
def home(unpacked, tmp_path, monkeypatch) -> Path:
    """FASHION_HOME is a copy of it."""
    home = tmp_path / "home"
    shutil.copytree(unpacked, home)
    monkeypatch.setenv("FASHION_HOME", str(home))
    monkeypatch.setenv("FASHION_DEMO_PRODUCTS", str(PRODUCTS))
    return home


def fashion(*arguments: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def versions(home: Path) -> dict[str, int]:
    """The number of commits of each table that change rows; a new column is a commit that changes none."""
    tables = {
        path.name: sum(commit["operation"] != "ADD COLUMN" for commit in DeltaTable(path).history())
        for path in (home / "tables").iterdir()
        if (path / "_delta_log").is_dir()
    }
    return {**tables, "index": len(list((home / "index" / "products.lance" / "_versions").iterdir()))}


def configured(home: Path) -> dict:
    """What `dagster.yaml` says, which is the user's but for the place of the launcher."""
    return yaml.safe_load((home / "dagster" / "dagster.yaml").read_text())


def test_a_plan_finds_nothing_to_do_and_a_run_adds_nothing(home):
    before, configuration = versions(home), configured(home)
    assert configuration["run_launcher"]["module"] == "fashion_assets.run_launcher"
    assert len(before) == 19
    assert "Nothing would run" in fashion("plan")
    assert "Nothing would run" in fashion("plan", "--ingest")
    assert "Nothing has changed" in fashion("run")
    now = {name: before[name] + 1 for name in ("photos", "gate_history")}  # judged by new rules, and by a new check
    assert versions(home) == {**before, **now}
    launcher = {"module": "fashion_assets.orchestration.run_launcher", "class": "LocalRunLauncher"}
    assert configured(home) == {**configuration, "run_launcher": launcher}


def test_status_and_search_read_it(home):
    status = json.loads(fashion("status", "--json"))
    assert (status["products"], status["extracted"], status["batches"]) == (PRODUCTS, PRODUCTS, 1)
    assert {index["rows"] for index in status["indexes"]} == {PRODUCTS}
    assert not [gate for gate in status["gates"] if gate["severity"] == "error" and not gate["passed"]]
    hits = json.loads(fashion("search", "red dress", "--json"))
    assert [hit["product_id"] for hit in hits[:2]] == DRESSES


def test_what_people_decided_still_counts(home, tmp_path):
    fashion("corrections", "export", str(tmp_path / "corrections.csv"))
    (correction,) = pl.read_csv(tmp_path / "corrections.csv").to_dicts()
    assert correction.items() >= {"product_id": CORRECTED, "field": "material", "value": "leather"}.items()
    assert "the catalog team" in correction.values()
    (described,) = json.loads(fashion("show", str(CORRECTED), "--json"))["products_with_visual_attributes"]
    assert "leather" in described["rich_text_description"]


@pytest.mark.long_form
def test_a_changed_product_runs_its_batch_and_asks_the_model_nothing(home, is_long):
    if not is_long:
        pytest.skip("a run with the demo models takes half a minute: --long")
    catalog = home / "demo" / "catalog.csv"
    catalog.write_text(catalog.read_text().replace("Umbra Women Purple Dress", "Umbra Women Violet Dress"))
    before = versions(home)
    fashion("run")
    after = versions(home)
    assert after["product_embeddings_multimodal"] == before["product_embeddings_multimodal"] + 1
    assert after["response_journal"] == before["response_journal"]
    (hit, *_) = json.loads(fashion("search", "violet dress", "--json"))
    assert hit["product_id"] == DRESSES[0]
