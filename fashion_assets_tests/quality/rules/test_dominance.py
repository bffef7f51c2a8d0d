"""The gate against answering from habit."""

from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.quality.rules.declarations import dominance_gates
from fashion_assets.quality.rules.dominance import DominanceGate
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import attributes

GATE = DominanceGate(
    name="no_material_dominates",
    why="",
    applies=pl.col("extraction_success"),
    direction="at_most",
    warn=0.6,
    column="material",
)


def catalog(knit_in_each_type: list[int], rows: int = 10) -> pl.DataFrame:
    """`rows` products of each type, of which so many are knit and the others of something that only they are of."""
    materials = ["leather", "denim", "metal", "canvas", "synthetic", "woven fabric", "unknown"]
    return attributes(
        *(
            {"article_type": f"type {number}", "material": "knit fabric" if row < knit else materials[number]}
            for number, knit in enumerate(knit_in_each_type)
            for row in range(rows)
        )
    )


@pytest.mark.parametrize(
    "knit, outcome, value",
    [
        ([2, 2, 2, 2, 2], "passed", 0.2),
        ([6, 6, 6, 6, 6], "passed", 0.6),  # exactly on the threshold
        ([6, 6, 6, 6, 7], "warned", 0.62),
        ([10, 10, 10, 10, 10], "warned", 1.0),
    ],
)
def test_the_share_is_that_over_article_types(knit: list[int], outcome: str, value: float):
    judgement = GATE.judge(catalog(knit))
    assert judgement.outcome == outcome
    assert judgement.value == pytest.approx(value)
    assert bool(judgement.sample_ids) == (outcome == "warned")


@pytest.mark.parametrize("knit, outcome", [(6, "passed"), (7, "warned"), (8, "warned"), (9, "failed")])
def test_an_error_threshold_stops_the_batch(knit: int, outcome: str):
    gate = replace(GATE, error=0.8)
    judgement = gate.judge(catalog([knit] * 5))
    assert gate.is_blocking
    assert (judgement.outcome, judgement.threshold) == (outcome, 0.6 if outcome == "warned" else 0.8)


def test_a_type_with_many_products_weighs_as_much_as_the_others():
    many_tees = pl.concat([catalog([0] * 5), *[catalog([10, 0, 0, 0, 0]).head(10)] * 30])
    assert GATE.judge(many_tees).outcome == "passed"


def test_few_types_or_few_rows_of_a_type_tell_nothing():
    few_types = GATE.judge(catalog([10] * (GATE.fewest_types - 1)))
    assert (few_types.outcome, few_types.value) == ("passed", None)
    few_rows = GATE.judge(catalog([GATE.fewest_rows - 1] * GATE.fewest_types, rows=GATE.fewest_rows - 1))
    assert (few_rows.outcome, few_rows.value) == ("passed", None)
    assert GATE.judge(catalog([1] * 5).clear()).outcome == "passed"


def test_failed_products_do_not_count():
    rows = catalog([10] * 5).with_columns(extraction_success=False)
    assert GATE.judge(rows).applicable == 0


@pytest.mark.parametrize("gate", dominance_gates(SHIPPED), ids=lambda gate: gate.name)
def test_the_declared_gates_warn_of_one_answer_for_all(gate: DominanceGate):
    rows = catalog([10] * 5)
    assert gate.judge(rows).outcome == "warned"
    assert not gate.is_blocking
