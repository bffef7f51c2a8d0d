"""Reports of real runs with fake models: where they are, what they say, and what happens when one cannot be written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import AssetKey, AssetRecordsFilter, DagsterEventType, DagsterInstance
from typer.testing import CliRunner

from fashion_assets.app.pipeline import Pipeline, RunFailed
from fashion_assets.cli.app import app
from fashion_assets.errors import FashionError, NotComputed, SourceError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.gate import judge_all
from fashion_assets.gates.history import record_judgements
from fashion_assets.gates.regressions import NO_REGRESSION, accept_figures
from fashion_assets.quality.report.records import find_record
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import accept_distributions, distributions
from fashion_assets.quality.tables import BATCH_VERDICTS
from fashion_assets.quality.verdicts.verdict import attributes_fingerprint, find_verdict, override_verdict
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import BATCH_0, attributes
from fashion_assets_tests.fakes.shop import FakeShop


@pytest.fixture
def instance() -> DagsterInstance:
    with DagsterInstance.ephemeral() as instance:
        yield instance


def judged(pipeline: Pipeline, instance: DagsterInstance) -> Path:
    """Run the first batch as far as its gates, and the report that the run names: on the check and on the asset."""
    pipeline.ingest()
    pipeline.run_batch(BATCH_0, "extracted_attributes")
    (run,) = instance.get_runs(limit=1)
    evaluations = [
        entry.dagster_event.event_specific_data
        for entry in instance.all_logs(run.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION)
    ]
    assert len(evaluations) == len(extraction_gates(SHIPPED)) + 1
    named = {one.check_name: one.metadata["quality_report"] for one in evaluations if "quality_report" in one.metadata}
    (observed,) = instance.fetch_observations(AssetRecordsFilter(AssetKey(EXTRACTED_ATTRIBUTES.asset)), limit=1).records
    assert observed.asset_observation.partition == BATCH_0
    assert named == {NO_REGRESSION: observed.asset_observation.metadata["quality_report"]}
    file = Path(named[NO_REGRESSION].value)
    assert file == pipeline.settings.reports_folder / BATCH_0 / f"{run.run_id}.html"
    return file


@pytest.mark.parametrize(("is_broken", "word"), [(False, "Passed"), (True, "Stopped")])
def test_a_run_writes_a_report_and_names_it(shop: FakeShop, instance: DagsterInstance, is_broken: bool, word: str):
    with shop.open(is_broken, instance) as pipeline:
        file = judged(pipeline, instance)
    text = file.read_text()
    assert f"<h2>{word}</h2>" in text
    assert text.count('src="data:image/jpeg;base64,') >= 20
    assert "Cost of the run" in text
    assert [one.name for one in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("is_broken", [False, True])
def test_the_verdict_stands_though_the_report_cannot_be_written(shop: FakeShop, is_broken: bool):
    shop.settings.reports_folder.parent.mkdir(parents=True)
    shop.settings.reports_folder.write_text("a file where the folder should be")
    with shop.open(is_broken) as pipeline:
        pipeline.ingest()
        with pytest.raises(RunFailed, match=r"'.*reports.*' cannot be used \((Not a directory|File exists)"):
            pipeline.run_batch(BATCH_0)
        assert pipeline.store.read(BATCH_VERDICTS)["passed"].to_list() == [not is_broken]


def test_a_report_written_anew_tells_of_the_override(shop: FakeShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with shop.open(is_broken=True) as pipeline:
        pipeline.ingest()
        pipeline.run_batch(BATCH_0)
        override_verdict(pipeline.store, BATCH_0, "A. Person", "known photos", datetime.now(UTC))
    monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", lambda: shop.settings)
    labels = tmp_path / "labels.csv"
    labels.write_text("product_id,material\n1,leather\n")
    file = tmp_path / "here" / "report.html"
    command = ["report", BATCH_0, "--output", str(file), "--labels", str(labels)]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.output.strip() == str(file)
    text = file.read_text()
    assert "<h2>Overridden</h2>" in text and "A. Person overrode this at" in text and 'id="accuracy"' in text


def test_the_whole_catalog_is_reported_without_a_batch(shop: FakeShop, monkeypatch: pytest.MonkeyPatch):
    with shop.open() as pipeline:
        pipeline.ingest()
        for batch in pipeline.register_batches():
            pipeline.run_batch(batch, "extracted_attributes")
    monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", lambda: shop.settings)
    CliRunner().invoke(app, ["report"], catch_exceptions=False)
    text = (shop.settings.reports_folder / "catalog.html").read_text()
    assert "All 2 batches passed" in text and "batch_00001" in text


def test_there_must_be_something_to_report(shop: FakeShop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", lambda: shop.settings)
    with pytest.raises(FashionError, match="Nothing has been extracted yet"):
        CliRunner().invoke(app, ["report"], catch_exceptions=False)
    with shop.open() as pipeline:
        pipeline.ingest()
    with pytest.raises(FashionError, match=r"no batch batch_7, but .* from batch_00000 to batch_00001"):
        CliRunner().invoke(app, ["report", "batch_7"], catch_exceptions=False)
    with pytest.raises(FashionError, match="batch_00001 has no rows to report on"):
        CliRunner().invoke(app, ["report", "batch_00001"], catch_exceptions=False)


def test_labels_that_cannot_be_read_are_an_error(shop: FakeShop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", lambda: shop.settings)
    with shop.open() as pipeline:
        pipeline.store.merge(EXTRACTED_ATTRIBUTES, attributes({}), BATCH_0)
    with pytest.raises(SourceError, match=r"'nowhere.csv' cannot be read"):
        CliRunner().invoke(app, ["report", BATCH_0, "--labels", "nowhere.csv"], catch_exceptions=False)


def at(hour: int) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC)


def test_the_present_run_is_compared_with_what_was_accepted_before_it(store):
    name = "material_unknown_is_at_most_30_percent"
    good, worse = attributes({}, {}), attributes({}, {"material": "unknown"})
    for hour, rows in ((1, good), (3, worse)):
        judgements = judge_all(extraction_gates(SHIPPED), rows)
        record_judgements(store, EXTRACTED_ATTRIBUTES.asset, judgements, at(hour), BATCH_0)
        if hour == 1:
            assert find_record(store, BATCH_0, rows).accepted == {}
        accept_figures(store, BATCH_0, {one.name: one.value for one in judgements}, at(hour + 1), "A", "meant")
        accept_distributions(store, BATCH_0, distributions(rows), at(hour + 1))
    record = find_record(store, BATCH_0, worse)
    assert record.accepted[name] == 0.0
    order = ["attribute", "value"]
    assert record.accepted_shares.sort(order).equals(distributions(good).sort(order))
    assert (record.acceptance.author, record.acceptance.accepted_at) == ("A", at(4))
    assert record.verdict is None and find_verdict(store, BATCH_0, attributes_fingerprint(worse)) is None


def test_a_catalog_without_extracted_batches_is_refused_in_a_sentence(store, tmp_path):
    with pytest.raises(NotComputed, match=r"Nothing has been extracted yet, but .*; run `fashion run` first"):
        write_report(store, None, tmp_path, tmp_path / "catalog.html", at(1))
    assert not (tmp_path / "catalog.html").exists()
