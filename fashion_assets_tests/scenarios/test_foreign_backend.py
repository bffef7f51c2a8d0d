"""A back end that another package brings, through the commands: plan, pilot, run, report, retry."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.extraction.backends import registry
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BLUE, write_photo
from fashion_assets_tests.fakes.foreign_backend import acme_vlm
from fashion_assets_tests.fakes.foreign_backend.acme_server import KEY, SECONDS, TOKENS, serving
from fashion_assets_tests.fakes.foreign_backend.package import install
from fashion_assets_tests.fakes.shop import PER_BATCH

BATCH_0 = "batch_00000"
BUSY_PRODUCTS = [3, 8, 21]
AT_ONCE = 4


@pytest.fixture
def acme():
    with serving() as server:
        yield server


@pytest.fixture
def foreign_shop(shop, acme, tmp_path, monkeypatch):
    """The shop with Acme as its back end, by settings alone; Acme is too busy for three products of batch 0."""
    install(
        tmp_path / "site",
        "acme_vlm",
        Path(acme_vlm.__file__).read_text(),
        {"acme": "acme_vlm:BACKEND"},
        monkeypatch,
    )
    for number in BUSY_PRODUCTS:
        write_photo(shop.folder / "images", f"{number}.jpg", BLUE)
    shop.write_products()
    values = {
        "PROFILE": "local",
        "SOURCE": shop.folder / "styles.csv",
        "PRESET": "reference",
        "HOME": shop.folder / "home",
        "CLIP": "demo",
        "DEVICE": "cpu",
        "VLM": "acme:vision-2",
        "ACME_URL": acme.url,
        "ACME_KEY": KEY,
        "ACME_AT_ONCE": AT_ONCE,
        "PRICE_PER_HOUR": 3600,
    }
    for name, value in values.items():
        monkeypatch.setenv(f"FASHION_{name}", str(value))
    yield shop
    registry.registered.cache_clear()
    sys.modules.pop("acme_vlm", None)


def fashion(*command: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.stdout


def test_a_back_end_of_another_package_works_in_every_command(foreign_shop, acme):
    store = TableStore(str(foreign_shop.folder / "home" / "tables"))
    plan = json.loads(fashion("plan", "--ingest", "--json"))
    assert (plan["model"], plan["estimate"]) == ("vision-2@acme/coarse", None)
    assert acme.requests == 0
    (first,) = [batch for batch in plan["batches"] if batch["batch"] == BATCH_0]

    fashion("run", "--batch", BATCH_0, "--until", "extracted_attributes")
    rows = store.read(EXTRACTED_ATTRIBUTES, BATCH_0)
    assert set(rows["model_id"]) == {"vision-2@acme/coarse"}
    assert rows.filter(~rows["extraction_success"])["product_id"].to_list() == BUSY_PRODUCTS
    assert acme.requests == sum(first["questions"].values())

    plan = json.loads(fashion("plan", "--json"))
    asked, estimate = sum(plan["questions"].values()), plan["estimate"]
    assert estimate["seconds"] == pytest.approx(asked * SECONDS / AT_ONCE)
    assert estimate["cost"] == pytest.approx(asked * SECONDS / AT_ONCE)
    assert estimate["prompt_tokens"] == asked * TOKENS

    report = Path(fashion("report", BATCH_0).strip()).read_text()
    assert "acme_busy" in report
    assert acme_vlm.BUSY.meaning in report

    (retried,) = json.loads(
        fashion("retry", "--failed", "--batch", BATCH_0, "--with", "FASHION_ACME_QUALITY=fine", "--json")
    )
    assert (retried["before"], retried["after"], retried["mended"]) == ({"acme_busy": 3}, {}, 3)
    rows = store.read(EXTRACTED_ATTRIBUTES, BATCH_0).filter(model_id="vision-2@acme/fine")
    assert rows["product_id"].to_list() == BUSY_PRODUCTS

    # One colour cannot ground anything, so the verdict is a refusal: what counts is that the model was asked.
    asked_before = acme.requests
    record = json.loads(fashion("pilot", "--json", exit_code=1))
    assert (record["model_id"], record["verdict"]) == ("vision-2@acme/coarse", "RECONSIDER")
    assert record["figures"]["products"] > PER_BATCH
    assert acme.requests > asked_before
