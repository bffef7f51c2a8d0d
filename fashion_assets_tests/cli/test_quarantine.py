"""`fashion quarantine`: what the last ingest left out, listed, exported and counted."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fashion_assets.app.quarantine import Quarantine
from fashion_assets.catalog.ingest import ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.source import open_source
from fashion_assets.cli.app import app
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.file import load_shop_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW


@pytest.fixture
def ingested(tmp_path, monkeypatch) -> TableStore:
    """Two products, sixty rows without an id, and a name that looks like markup."""
    table = tmp_path / "list.csv"
    rows = ["1,9.5,Shirt", "2,9.5,Tie", *[",1,Nameless"] * 59, ',1,"[bold] a, b [/nothing]"']
    table.write_text("product_id,price,product_display_name\n" + "\n".join(rows))
    monkeypatch.setenv("FASHION_PROFILE", "local")
    monkeypatch.setenv("FASHION_SOURCE", str(table))
    store = TableStore(load_shop_settings().tables_uri)
    ingest(open_source(table, CatalogRules()), PhotoPlaces(tmp_path, tmp_path), store, NOW)
    return store


def quarantine(*arguments: str):
    result = CliRunner().invoke(app, ["quarantine", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_rows_are_listed_with_counts_and_reasons(ingested):
    text = quarantine()
    for words in ("Quarantined: 60 rows.", "the product id is missing", "10 more rows; `--export FILE` writes all."):
        assert words in text
    assert "Without a usable photo: 2 products." in text


def test_the_list_may_be_longer_and_shows_rows_as_they_are(ingested):
    text = quarantine("-n", "60")
    assert "more rows" not in text
    assert "[bold] a, b [/nothing]" in text


def test_the_export_has_every_row_as_it_stands_in_the_source(ingested, tmp_path):
    file = tmp_path / "out" / "lost.csv"
    assert "60 rows are in" in quarantine("--export", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 60
    assert rows[-1] == {
        "line_number": "63",
        "kind": "product_id",
        "reason": "the product id is missing",
        "raw_line": ',1,"[bold] a, b [/nothing]"',
    }


def test_json_has_the_losses_and_all_rows(ingested):
    printed = json.loads(quarantine("--json"))
    assert len(printed["rows"]) == 60
    (loss,) = printed["losses"]["quarantined"]
    assert loss["count"] == 60 and loss["what"] == "rows without an id"


def test_before_an_ingest_it_is_said_that_there_was_none(tmp_path):
    assert "ingest" in quarantine()


def test_checks_that_did_not_run_did_not_fail(ingested):
    assert Quarantine(ingested).failed_checks == ()


def test_an_export_replaces_what_was_there(ingested, tmp_path):
    file = Path(tmp_path / "lost.csv")
    file.write_text("x" * 100_000)
    quarantine("--export", str(file))
    assert "xxx" not in file.read_text()
