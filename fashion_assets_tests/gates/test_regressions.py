"""A batch that became worse is reported until a person accepts it."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.errors import BatchRefused
from fashion_assets.gates.gate import Gate, Judgement
from fashion_assets.gates.history import ACCEPTED_FIGURES, GATE_HISTORY, latest_judgements
from fashion_assets.gates.regressions import (
    NO_REGRESSION,
    Drop,
    accept_figures,
    accepted_figures,
    drops,
    judge_regression,
)
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.factories.gates import gate
from fashion_assets_tests.fakes.shop import FakeShop

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMED = "material_agrees_with_words_in_the_name"


def judged(judged_gate: Gate, value: float | None, applicable: int = 100) -> Judgement:
    return Judgement(judged_gate.name, "passed", value, 0.5, 0, applicable, "")


@pytest.mark.parametrize(
    "direction, before, now, is_drop",
    [
        ("at_least", 0.95, 0.90, False),  # exactly five points
        ("at_least", 0.95, 0.899, True),
        ("at_least", 0.90, 0.99, False),
        ("at_most", 0.10, 0.15, False),
        ("at_most", 0.10, 0.151, True),
        ("at_most", 0.20, 0.02, False),
        ("at_least", 0.95, None, False),
    ],
)
def test_a_drop_is_more_than_five_points_in_the_wrong_direction(direction, before, now, is_drop):
    judged_gate = gate(direction)
    dropped = drops([judged_gate], [judged(judged_gate, now)], {judged_gate.name: before})
    assert dropped == ([Drop(judged_gate.name, before, now)] if is_drop else [])


@pytest.mark.parametrize(("applicable", "count"), [(19, 0), (20, 1)])
def test_few_rows_show_no_drop(applicable: int, count: int):
    judged_gate = gate()
    assert len(drops([judged_gate], [judged(judged_gate, 0.5, applicable)], {judged_gate.name: 0.9})) == count


def test_what_was_never_accepted_cannot_drop():
    judged_gate = gate()
    assert drops([judged_gate], [judged(judged_gate, 0.1)], {}) == []
    judgement = judge_regression([], {})
    assert judgement.passed and "not been accepted before" in judgement.reason


def test_the_judgement_lists_all_drops_and_the_worst():
    judgement = judge_regression([Drop("a", 0.9, 0.6), Drop("b", 0.1, 0.2)], {"a": 0.9, "b": 0.1, "c": 1.0})
    assert judgement.outcome == "warned"
    assert (judgement.value, judgement.counted, judgement.applicable) == (pytest.approx(0.3), 2, 3)
    assert judgement.reason == "a went from 90.0% to 60.0%; b went from 10.0% to 20.0%."


def test_the_last_accepted_figures_count_and_are_recorded_once(store):
    assert accept_figures(store, BATCH_0, {"a": 0.9, "b": None}, NOW) == ["a"]
    assert accept_figures(store, BATCH_0, {"a": 0.9}, NOW + timedelta(hours=1)) == []
    assert accept_figures(store, BATCH_0, {"a": 0.7}, NOW + timedelta(hours=2), "somebody", "meant") == ["a"]
    assert accepted_figures(store, BATCH_0) == {"a": 0.7}
    assert accepted_figures(store, "batch_00001") == {}
    assert store.read(ACCEPTED_FIGURES)["author"].to_list() == [None, "somebody"]


def renamed(shop: FakeShop, count: int) -> None:
    """The first batch's names say leather, which the fake model sees in all of them; `count` say denim."""
    for number in range(1, 26):
        shop.rows[number][-1] = f"Brand {'Denim' if number <= count else 'Leather'} Shirt {number}"


def outcome(pipeline) -> tuple[str, str]:
    row = latest_judgements(pipeline.store, BATCH_0).filter(name=NO_REGRESSION).row(0, named=True)
    return row["outcome"], row["reason"]


def test_a_drop_is_reported_after_each_run_until_it_is_accepted(shop: FakeShop, monkeypatch: pytest.MonkeyPatch):
    renamed(shop, 0)
    with shop.open() as pipeline:
        pipeline.ingest()
        pipeline.run_batch(BATCH_0)
        assert outcome(pipeline)[0] == "passed"
    renamed(shop, 3)
    with shop.open() as pipeline:
        pipeline.ingest()
        assert not pipeline.run_batch(BATCH_0).is_blocked  # 88 % is far above the threshold
        expected = ("warned", f"{NAMED} went from 100.0% to 88.0%.")
        assert outcome(pipeline) == expected
        pipeline.run_batch(BATCH_0)
        assert outcome(pipeline) == expected
        assert len(pipeline.store.read(GATE_HISTORY).filter(name=NO_REGRESSION, batch=BATCH_0)) == 2

        monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", lambda: shop.settings)
        accepted = CliRunner().invoke(app, ["accept", BATCH_0, "--by", "somebody", "--reason", "meant"])
        assert accepted.exit_code == 0, accepted.output
        pipeline.run_batch(BATCH_0)
        assert outcome(pipeline)[0] == "passed"


def test_there_must_be_figures_to_accept(monkeypatch: pytest.MonkeyPatch):
    result = CliRunner().invoke(app, ["accept", BATCH_0, "--by", "somebody", "--reason", "meant"])
    assert isinstance(result.exception, BatchRefused)
    assert "has not been judged yet" in str(result.exception)
