"""A person may override a stopped batch: for exactly its rows, and recorded."""

from datetime import UTC, datetime, timedelta

import pytest
from dagster import AssetCheckSeverity
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.errors import BatchRefused
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.asset_checks import check_results
from fashion_assets.gates.gate import judge_all, judge_condition
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.tables import BATCH_VERDICTS, VERDICT_OVERRIDES
from fashion_assets.quality.verdicts.verdict import judge_batch, override_verdict, record_verdict, require_passed
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import BATCH_0, attributes
from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop, indexed_ids, run_changed

NOW = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
GOOD = attributes(*[{}] * 25)
BAD = attributes(*[{"extraction_success": False}] * 25)
WHO, WHY = "the catalog team", "looked at by hand"


def judged(store, rows):
    store.merge(EXTRACTED_ATTRIBUTES, rows, BATCH_0)
    record_verdict(store, judge_batch(BATCH_0, rows, judge_all(extraction_gates(SHIPPED), rows)), NOW)


def test_an_override_lets_exactly_these_rows_go_on(store):
    judged(store, BAD)
    verdict = override_verdict(store, BATCH_0, WHO, WHY, NOW)
    assert verdict.may_go_on and not verdict.passed
    require_passed(store, BATCH_0, BAD)
    changed = attributes(*[{"extraction_success": False, "material": "denim"}] * 25)
    judged(store, changed)
    with pytest.raises(BatchRefused, match=r"stopped by its quality gates.*fashion override batch_00000 --by NAME"):
        require_passed(store, BATCH_0, changed)


def test_who_and_why_are_on_record_and_every_decision_is_kept(store):
    judged(store, BAD)
    override_verdict(store, BATCH_0, WHO, WHY, NOW)
    later = override_verdict(store, BATCH_0, f" {WHO} ", "looked again", NOW + timedelta(hours=1))
    rows = store.read(VERDICT_OVERRIDES).sort("decided_at")
    assert rows.select("author", "reason").rows() == [(WHO, WHY), (WHO, "looked again")]
    assert later.override.in_words().endswith("overrode this at 2026-01-01 10:30 UTC: looked again")


def test_the_verdict_stays_a_failure_and_is_not_recorded_again(store):
    judged(store, BAD)
    override_verdict(store, BATCH_0, WHO, WHY, NOW)
    judged(store, BAD)
    assert store.read(BATCH_VERDICTS)["passed"].to_list() == [False]


@pytest.mark.parametrize("who, why, missing", [("", WHY, "person"), (WHO, "  ", "reason")])
def test_an_override_names_a_person_and_a_reason(store, who: str, why: str, missing: str):
    judged(store, BAD)
    with pytest.raises(
        BatchRefused,
        match=rf"The {missing} of a decision about batch_00000 is empty.*; name both \(--by NAME --reason TEXT\)",
    ):
        override_verdict(store, BATCH_0, who, why, NOW)
    assert store.read(VERDICT_OVERRIDES).is_empty()


def test_there_must_be_something_to_override(store):
    with pytest.raises(BatchRefused, match=r"no quality verdict.*judge them with `fashion run --batch batch_00000`"):
        override_verdict(store, BATCH_0, WHO, WHY, NOW)
    judged(store, GOOD)
    with pytest.raises(BatchRefused, match="passed its quality gates, so there is nothing to override"):
        override_verdict(store, BATCH_0, WHO, WHY, NOW)


def test_failed_checks_only_warn_under_an_override_and_say_so():
    failed, warned = judge_condition("a", False, ""), judge_condition("b", False, "", is_blocking=False)
    results = list(check_results("extracted_attributes", [failed, warned], override="who and why"))
    assert [result.severity for result in results] == [AssetCheckSeverity.WARN] * 2
    assert [result.passed for result in results] == [False] * 2
    assert ["override" in result.metadata for result in results] == [True, False]
    plain = next(iter(check_results("extracted_attributes", [failed])))
    assert plain.severity is AssetCheckSeverity.ERROR


def test_an_overridden_batch_reaches_the_index_until_its_rows_change(shop: FakeShop):
    with shop.open(is_broken=True) as pipeline:
        _, outcomes = run_changed(pipeline)
        assert {outcome.is_blocked for outcome in outcomes.values()} == {True}
        override_verdict(pipeline.store, "batch_00001", WHO, WHY, NOW)
        plans, outcomes = run_changed(pipeline)
        assert plans == {"batch_00001": ("never completed",)}
        assert not outcomes["batch_00001"].is_blocked
        assert indexed_ids(pipeline) == set(range(PER_BATCH + 1, 2 * PER_BATCH + 1))
        assert run_changed(pipeline) == ({}, {})
    shop.rows[30][-1] = "Brand Renamed Shirt"
    with shop.open(is_broken=True) as pipeline:
        _, outcomes = run_changed(pipeline)
        assert outcomes["batch_00001"].is_blocked
        assert indexed_ids(pipeline) == set(range(PER_BATCH + 1, 2 * PER_BATCH + 1))  # the last accepted rows


def test_the_command_overrides_and_names_the_next_one(shop: FakeShop, monkeypatch: pytest.MonkeyPatch):
    with shop.open(is_broken=True) as pipeline:
        pipeline.ingest()
        pipeline.run_batch("batch_00000")
    monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", lambda: shop.settings)
    result = CliRunner().invoke(app, ["override", "batch_00000", "--by", WHO, "--reason", WHY])
    assert result.exit_code == 0, result.output
    assert "extraction_success_is_at_least_85_percent: 0 of 25 rows" in result.output
    assert "fashion run --batch batch_00000" in " ".join(result.output.split())
