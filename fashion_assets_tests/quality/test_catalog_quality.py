"""All batches together: what became of each, and the gates over the whole catalog."""

from datetime import UTC, datetime

import pytest
from dagster import AssetKey

from fashion_assets.extraction.retries import failures_by_code
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.history import WHOLE_CATALOG, latest_judgements
from fashion_assets.quality.report.contents import BatchVerdict
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.summary import batch_outcomes, outcome_counts
from fashion_assets.quality.verdicts.verdict import Verdict, attributes_fingerprint, override_verdict, record_verdict
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import attributes
from fashion_assets_tests.fakes.shop import run_changed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def judged(store):
    """Four batches: passed, stopped, overridden, and never judged."""
    for number in range(4):
        batch = f"batch_0000{number}"
        rows = attributes({"product_id": number, "article_type": "Shirts", "extraction_success": number == 0})
        store.merge(EXTRACTED_ATTRIBUTES, rows, batch)
        if number < 3:
            fingerprint = attributes_fingerprint(store.read(EXTRACTED_ATTRIBUTES, batch))
            record_verdict(
                store,
                Verdict(batch, fingerprint, number == 0, () if number == 0 else ("watches_are_metal: too bad",)),
                NOW,
            )
    override_verdict(store, "batch_00002", "me", "good enough", NOW)
    return store


def test_every_batch_has_an_outcome_the_stopped_ones_first(judged, tmp_path):
    found = batch_outcomes(write_report(judged, None, tmp_path, tmp_path / "report.html", NOW).verdicts)
    assert found.select("batch", "outcome", "products", "success").rows() == [
        ("batch_00001", "stopped", 1, 0.0),
        ("batch_00003", "not judged", 1, 0.0),
        ("batch_00002", "let go on", 1, 0.0),
        ("batch_00000", "passed", 1, 1.0),
    ]
    assert found["why"].to_list()[0] == "watches_are_metal: too bad"
    assert "me overrode this" in found["why"][2]
    assert outcome_counts(found) == {"passed": 1, "stopped": 1, "let go on": 1, "not judged": 1}


def test_a_batch_without_products_has_no_share():
    assert batch_outcomes([BatchVerdict("batch_00000", "passed", 0, 0)])["success"].to_list() == [None]


def test_without_rows_there_is_no_batch():
    found = batch_outcomes([])
    assert found.is_empty()
    assert outcome_counts(found) == {"passed": 0, "stopped": 0, "let go on": 0, "not judged": 0}


def test_the_whole_catalog_is_judged_by_every_gate_though_all_batches_were_stopped(shop):
    with shop.open(is_broken=True) as pipeline:
        run_changed(pipeline)
        pipeline.judge_catalog()
        judgements = latest_judgements(pipeline.store, WHOLE_CATALOG).filter(asset="catalog_quality")
        event = pipeline._instance.get_latest_materialization_event(AssetKey("catalog_quality"))
        rows, broken = pipeline.store.read(EXTRACTED_ATTRIBUTES), pipeline.store.read(CONSISTENCY_CHECKS)
    metadata = {name: entry.value for name, entry in event.asset_materialization.metadata.items()}
    assert metadata["products"] == len(rows) == len(shop.rows)
    assert metadata["extraction_success_rate"] == rows["extraction_success"].mean() < 1
    assert metadata["failures_by_code"] == failures_by_code(rows) != {}
    assert metadata["broken_by_rule"] == dict(broken["rule"].value_counts().iter_rows())
    assert metadata["batches_by_outcome"] == {"passed": 0, "stopped": 2, "let go on": 0, "not judged": 0}
    assert set(judgements["name"]) == {gate.name for gate in extraction_gates(SHIPPED)}
    success = judgements.filter(name=extraction_gates(SHIPPED)[0].name).row(0, named=True)
    assert (success["outcome"], success["applicable"]) == ("failed", len(shop.rows))
    (report,) = (shop.settings.reports_folder / WHOLE_CATALOG).glob("*.html")
    assert "batch_00001" in report.read_text()
