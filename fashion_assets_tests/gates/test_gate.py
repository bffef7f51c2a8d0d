"""Gates at passing, failing, the exact boundary, few rows and none; their conversion to Dagster; their history."""

from datetime import timedelta

import polars as pl
import pytest

from fashion_assets.gates import history
from fashion_assets.gates.gate import judge_condition
from fashion_assets.gates.history import (
    GATE_HISTORY,
    latest_judgements,
    record_judgements,
    record_judgements_of_assets,
)
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.gates import gate


def rows(counted: int, total: int, not_applicable: int = 0) -> pl.DataFrame:
    n = total + not_applicable
    return pl.DataFrame(
        {
            "product_id": range(n),
            "applies": [i < total for i in range(n)],
            "counts": [i < counted for i in range(n)],
        },
        schema={"product_id": pl.Int64, "applies": pl.Boolean, "counts": pl.Boolean},
    )


@pytest.mark.parametrize(
    ("counted", "outcome"),
    [(849, "failed"), (850, "warned"), (851, "warned"), (899, "warned"), (900, "passed"), (901, "passed")],
)
def test_at_least_around_its_thresholds(counted, outcome):
    assert gate().judge(rows(counted, 1000)).outcome == outcome


@pytest.mark.parametrize(
    ("counted", "outcome"),
    [(301, "failed"), (300, "warned"), (151, "warned"), (150, "passed"), (0, "passed")],
)
def test_at_most_around_its_thresholds(counted, outcome):
    assert gate("at_most", 0.30, 0.15).judge(rows(counted, 1000)).outcome == outcome


def test_without_an_error_threshold_nothing_fails():
    assert gate(error=None).judge(rows(0, 1000)).outcome == "warned"


@pytest.mark.parametrize(("total", "outcome"), [(19, "warned"), (20, "failed")])
def test_few_rows_can_only_warn(total, outcome):
    judgement = gate().judge(rows(0, total, not_applicable=50))
    assert judgement.outcome == outcome
    assert ("can only warn" in judgement.reason) is (total < 20)


def test_a_gate_without_applicable_rows_passes():
    judgement = gate().judge(rows(0, 0, not_applicable=5))
    assert (judgement.outcome, judgement.value, judgement.reason) == ("passed", None, "No row applies.")


def test_a_judgement_carries_its_figures():
    judgement = gate().judge(rows(15, 25))
    assert (judgement.value, judgement.threshold, judgement.counted, judgement.applicable) == (0.6, 0.85, 15, 25)
    assert judgement.sample_ids == tuple(range(15, 25))
    assert judgement.reason == "15 of 25 rows are 60.0%, at least 85% was wanted."


def test_a_null_counts_against():
    frame = rows(25, 25).with_columns(counts=pl.lit(None, pl.Boolean))
    assert gate().judge(frame).value == 0.0


def test_history_keeps_only_what_differs(store):
    first = [gate().judge(rows(950, 1000))]
    record_judgements(store, "asset", first, NOW, "batch_00000")
    record_judgements(store, "asset", first, NOW, "batch_00000")
    record_judgements(store, "asset", first, NOW, "batch_00001")
    later = NOW + timedelta(days=1)
    record_judgements(store, "asset", [gate().judge(rows(800, 1000))], later, "batch_00000")
    latest = latest_judgements(store).sort("batch")
    assert latest.select("batch", "outcome", "value").rows() == [
        ("batch_00000", "failed", 0.8),
        ("batch_00001", "passed", 0.95),
    ]


def test_the_history_of_a_batch_stays_in_few_files_and_loses_nothing(store, monkeypatch):
    monkeypatch.setattr(history, "MOST_HISTORY_FILES", 3)
    for day in range(9):
        judged = [gate().judge(rows(900 + day, 1000))]
        record_judgements_of_assets(store, {"one": judged, "other": judged}, NOW + timedelta(days=day), "batch_00000")
        assert store.files(GATE_HISTORY).count <= 3
    assert len(store.read(GATE_HISTORY)) == 18
    latest = latest_judgements(store).sort("asset")
    assert latest.select("asset", "value").rows() == [("one", 0.908), ("other", 0.908)]


@pytest.mark.parametrize(
    ("holds", "is_blocking", "outcome"), [(True, True, "passed"), (False, True, "failed"), (False, False, "warned")]
)
def test_conditions(holds, is_blocking, outcome):
    assert judge_condition("name", holds, "reason", is_blocking=is_blocking).outcome == outcome
