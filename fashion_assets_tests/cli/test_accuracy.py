"""`fashion accuracy`: figures for people and for scripts, and one sentence where there are none."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.errors import FashionError, NotComputed, SettingsError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.random_audit import record_audit
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BATCH_0, attributes

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Labels of three products, of which the model saw two rightly."""
    rows = attributes(
        {"material": "denim", "material_probability": 0.9},
        {"material": "leather", "material_probability": 0.8},
        {"material": "metal", "material_probability": 0.4},
    )
    TableStore(load_settings().tables_uri).merge(EXTRACTED_ATTRIBUTES, rows, BATCH_0)
    file = tmp_path / "labels.csv"
    file.write_text("product_id,material\n0,denim\n1,leather\n2,canvas\n")
    return file


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["accuracy", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_a_person_sees_intervals_calibration_and_mistakes(labels: Path):
    shown = run(str(labels), "--confusions", "material")
    assert "66.7%" in shown and "20.8% to 93.9%" in shown and "> 75% missed" in shown
    assert "0.80" in shown and "67%" in shown  # two of three are kept, and both are right
    assert "canvas │ metal │ 1" in shown
    assert "only 3 labels; 50 or more" in shown


def test_a_script_gets_json(labels: Path):
    report = json.loads(run(str(labels), "--json"))
    assert report["accuracy"][0]["score"] == pytest.approx(2 / 3)
    assert report["thresholds"]["material"] == {"probability": 0.8, "precision": 1.0, "kept": pytest.approx(2 / 3)}


def test_labels_of_other_products_are_an_error(labels: Path):
    labels.write_text("product_id,material\n99,denim\n")
    with pytest.raises(FashionError, match="None of the labelled products has been described"):
        run(str(labels))


def test_an_unknown_attribute_is_an_error(labels: Path):
    with pytest.raises(
        SettingsError,
        match=r"confusions \(--confusions\) is 'colour', but it must be an attribute with one value; use one of mat",
    ):
        run(str(labels), "--confusions", "colour")


def test_the_random_audit_gives_labels(labels: Path):
    with pytest.raises(NotComputed, match=r"nobody has answered the random audit yet, .* `fashion review --by NAME`"):
        run("--audit")
    store = TableStore(load_settings().tables_uri)
    for number, material in enumerate(["denim", "leather", "canvas"]):
        record_audit(store, number, None, {"material": material, "pattern": None}, "the catalog team", NOW)
    report = json.loads(run("--audit", "--json"))
    assert [score["attribute"] for score in report["accuracy"]] == ["material"]
    assert report["accuracy"][0]["score"] == pytest.approx(2 / 3)
    with pytest.raises(SettingsError, match=r"labels\.csv' and the random audit \(--audit\) are given"):
        run(str(labels), "--audit")


def test_a_catalog_without_truth_uses_the_audit(labels: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    record_audit(TableStore(load_settings().tables_uri), 0, None, {"material": "denim"}, "the catalog team", NOW)
    monkeypatch.setenv("FASHION_PROFILE", "local")
    monkeypatch.setenv("FASHION_SOURCE", str(tmp_path / "styles.csv"))
    assert json.loads(run("--json"))["accuracy"][0]["labels"] == 1


def test_a_catalog_without_truth_or_audit_needs_labels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("FASHION_PROFILE", "local")
    monkeypatch.setenv("FASHION_SOURCE", str(tmp_path / "styles.csv"))
    with pytest.raises(NotComputed, match="No labels are given"):
        run()
