"""Judgements as check results: what Dagster's UI and alerts show of them."""

from fashion_assets.gates.asset_checks import check_results
from fashion_assets.gates.gate import Judgement

FAILED = Judgement(
    name="material_is_known", outcome="failed", reason="None is.", value=0.0, threshold=0.8, counted=0, applicable=3,
    sample_ids=(-2, -1, 7),
)  # fmt: skip


def offending(**options) -> object:
    (result,) = check_results("products", [FAILED], **options)
    return result.metadata["first_offending_products"].value


def test_offending_products_are_called_as_people_know_them():
    assert offending(name_products=lambda keys: {key: f"SKU {key}" for key in keys if key < 0}) == "SKU -2, SKU -1, 7"
    assert offending() == "-2, -1, 7"
