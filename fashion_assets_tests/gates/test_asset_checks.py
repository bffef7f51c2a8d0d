"""Judgements as check results: what Dagster's UI and alerts show of them."""

from dataclasses import replace

from fashion_assets.gates.asset_checks import check_results
from fashion_assets.gates.gate import Judgement

FAILED = Judgement(
    name="material_is_known", outcome="failed", reason="None is.", value=0.0, threshold=0.8, counted=0, applicable=3,
    sample_ids=(-2, -1, 7),
)  # fmt: skip


def offending(**options) -> object:
    (result,) = check_results("products", [FAILED], **options)
    return result.metadata["first_offending_products"].value


def test_the_names_of_all_judgements_are_looked_up_together():
    asked = []

    def name_products(keys):
        asked.append(list(keys))
        return {}

    assert (
        len(list(check_results("products", [FAILED, replace(FAILED, sample_ids=(7, 8))], name_products=name_products)))
        == 2
    )
    assert len(list(check_results("products", [replace(FAILED, sample_ids=())], name_products=name_products))) == 1
    assert asked == [[-2, -1, 7, 8]]


def test_offending_products_are_called_as_people_know_them():
    assert offending(name_products=lambda keys: {key: f"SKU {key}" for key in keys if key < 0}) == "SKU -2, SKU -1, 7"
    assert offending() == "-2, -1, 7"
