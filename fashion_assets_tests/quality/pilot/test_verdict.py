"""The pilot's verdict at every bound: passing, exactly on it, failing, and without rows."""

import polars as pl
import pytest

from fashion_assets.extraction.pilot_guard import PilotVerdict
from fashion_assets.quality.pilot.grounding import Grounding
from fashion_assets.quality.pilot.verdict import decide_pilot, pilot_criteria
from fashion_assets_tests.factories import attributes

GROUNDED = Grounding(10, 0, 20, 40, 38, 1, ())
UNGROUNDED = Grounding(10, 9, 20, 40, 38, 1, ("The model is sure of a material in 9 of 10 empty photos.",))
PROCEED, REFINE, RECONSIDER = PilotVerdict.PROCEED, PilotVerdict.REFINE, PilotVerdict.RECONSIDER


def sample(failed=0, unknown=0, low=0, products=100) -> pl.DataFrame:
    """Shirts; the first ones failed, the next ones are of unknown material, the next ones of low confidence."""
    rows = [{"product_id": number, "article_type": "Shirts"} for number in range(products)]
    for row in rows[:failed]:
        row |= {"extraction_success": False, "material": None, "confidence_material": None}
    for row in rows[failed : failed + unknown]:
        row["material"] = "unknown"
    for row in rows[failed + unknown : failed + unknown + low]:
        row["confidence_material"] = "low"
    return attributes(*rows)


def of_type(article_type: str, material: str, right: int, rows: int) -> pl.DataFrame:
    return attributes(
        *(
            {
                "product_id": 1000 + number,
                "article_type": article_type,
                "material": material if number < right else "canvas",
            }
            for number in range(rows)
        )
    )


def verdict(stratified, *added, grounding=GROUNDED):
    return decide_pilot(pilot_criteria(stratified, pl.concat([stratified, *added])), grounding)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({}, PROCEED),
        ({"failed": 15}, PROCEED),  # exactly 85 % success
        ({"failed": 16}, REFINE),
        ({"failed": 30}, REFINE),  # exactly 70 %
        ({"failed": 31}, RECONSIDER),
        ({"failed": 100}, RECONSIDER),
        ({"unknown": 14}, PROCEED),
        ({"unknown": 15}, REFINE),  # under 15 % is wanted
        ({"unknown": 30}, REFINE),
        ({"unknown": 31}, RECONSIDER),
        ({"low": 25}, PROCEED),  # exactly 75 % high or medium
        ({"low": 26}, REFINE),
    ],
)
def test_the_shares_decide(rows, expected):
    found, reasons = verdict(sample(**rows))
    assert found is expected
    assert reasons


@pytest.mark.parametrize(
    ("watches", "tshirts", "expected"),
    [
        (18, 17, PROCEED),  # exactly 90 % and 85 %
        (17, 17, REFINE),
        (18, 16, REFINE),
        (13, 20, REFINE),  # one rule below its error threshold
        (20, 12, REFINE),
        (14, 13, REFINE),  # exactly on both error thresholds
        (13, 12, RECONSIDER),  # two below
    ],
)
def test_the_rules_decide(watches, tshirts, expected):
    added = of_type("Watches", "metal", watches, 20), of_type("Tshirts", "knit fabric", tshirts, 20)
    assert verdict(sample(), *added)[0] is expected


def test_a_rule_over_fewer_than_20_rows_does_not_decide():
    assert verdict(sample(), of_type("Watches", "metal", 0, 19), of_type("Tshirts", "knit fabric", 0, 19))[0] is PROCEED
    assert verdict(sample(), of_type("Watches", "metal", 0, 20))[0] is REFINE


def test_a_model_that_does_not_look_is_reconsidered_whatever_its_figures():
    found, reasons = verdict(sample(), grounding=UNGROUNDED)
    assert found is RECONSIDER
    assert reasons == UNGROUNDED.reasons


def test_the_reasons_name_figure_and_bound():
    _, reasons = verdict(sample(failed=16))
    assert reasons == ("success: 84.0% of 100, at least 85% wanted.",)
