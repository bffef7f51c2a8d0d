"""What the shop's table states is used in place of the model's answers, and is a witness of them."""

import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from fashion_assets import Shop
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.run import run_pipeline
from fashion_assets.cli.app import app
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.gates.history import GATE_HISTORY
from fashion_assets.quality.tables import BATCH_VERDICTS, CONSISTENCY_CHECKS
from fashion_assets.settings import load_settings
from fashion_assets_tests.fakes.shop import FakeShop, run_changed

RULE = "material_agrees_with_the_shops_table"
BATCHES = ["batch_00000", "batch_00001"]
GIVEN_CHANGED = ("given changed",)


@pytest.fixture
def stating(finished_shop: FakeShop) -> FakeShop:
    """The finished shop, whose photos are all leather to the model, with a column of materials from now on."""
    file = finished_shop.folder / "shop.toml"
    file.write_text('[given]\nmaterial = "stoff"\n')
    finished_shop.settings = finished_shop.settings.model_copy(update={"shop": file})
    finished_shop.columns.append("stoff")
    for row in finished_shop.rows.values():
        row.append("")
    return finished_shop


def state(shop: FakeShop, **materials: str) -> None:
    for number, material in materials.items():
        shop.rows[int(number.removeprefix("p"))][-1] = material
    shop.write_products()


def disagreements(pipeline: Pipeline) -> list[tuple]:
    broken = pipeline.store.read(CONSISTENCY_CHECKS).filter(rule=RULE)
    return broken.sort("product_id").select("product_id", "expected", "found").rows()


def described(pipeline: Pipeline, product: int) -> dict:
    return pipeline.store.read(ENRICHED_DESCRIPTIONS).row(by_predicate=pl.col("product_id") == product, named=True)


def test_a_stated_value_is_used_and_judges_the_models_without_asking_it_again(stating: FakeShop):
    state(stating, p1="Suede", p2="100% Denim", p3="Steel", p4="moonstone")
    with stating.open() as pipeline:
        asked = len(pipeline.store.read(RESPONSE_JOURNAL))
        before = pipeline.store.read(EXTRACTED_ATTRIBUTES).sort("product_id")
        plans, _ = run_changed(pipeline)
        assert plans == {BATCHES[0]: GIVEN_CHANGED}
        assert disagreements(pipeline) == [(2, "material denim", "leather"), (3, "material metal", "leather")]
        after = pipeline.store.read(EXTRACTED_ATTRIBUTES).sort("product_id")
        assert after["material"].equals(before["material"])  # the gates judge the model
        assert after["stated_material"].drop_nulls().to_list() == ["leather", "denim", "metal"]
        judged = pipeline.store.read(GATE_HISTORY, BATCHES[0]).filter(name=RULE).sort("evaluated_at").to_dicts()
        assert [(row["outcome"], row["counted"], row["applicable"]) for row in judged] == [
            ("passed", 0, 0),
            ("warned", 1, 3),
        ]
        row = described(pipeline, 2)
        assert row["material"] == "denim" and "denim" in row["rich_text_description"] and not row["needs_review"]
        assert "leather" in described(pipeline, 4)["rich_text_description"]

        state(stating, p2="Leather", p3="")
        plans, _ = run_changed(pipeline)
        assert plans == {BATCHES[0]: GIVEN_CHANGED}
        assert disagreements(pipeline) == []
        assert described(pipeline, 3)["material"] == described(pipeline, 2)["material"] == "leather"
        assert len(pipeline.store.read(RESPONSE_JOURNAL)) == asked
        assert run_changed(pipeline) == ({}, {})


def test_a_stopped_batch_is_judged_again_when_the_shop_states_something_else(stating: FakeShop):
    with stating.open(is_broken=True) as pipeline:
        assert set(run_changed(pipeline)[0]) == set(BATCHES)
        assert [plan.is_blocked for plan in pipeline.plan()] == [True, True]
        verdicts = len(pipeline.store.read(BATCH_VERDICTS))
        state(stating, p30="Denim")
        pipeline.ingest()
        assert [plan.is_blocked for plan in pipeline.plan()] == [True, False]
        run_changed(pipeline)
        assert [plan.is_blocked for plan in pipeline.plan()] == [True, True]
        assert len(pipeline.store.read(BATCH_VERDICTS)) == verdicts + 1


def test_a_catalog_that_states_nothing_is_as_it_was(stating: FakeShop):
    with stating.open() as pipeline:
        assert run_changed(pipeline) == ({}, {})


@pytest.mark.long_form
def test_the_demo_with_a_column_of_materials(finished_demo, tmp_path, monkeypatch, is_long):
    if not is_long:
        pytest.skip("a run with the demo models takes half a minute: --long")
    home = tmp_path / "home"
    shutil.copytree(finished_demo, home)
    table, file = home / "demo" / "catalog.csv", tmp_path / "shop.toml"
    extracted = Shop.open(home=home).store.read(EXTRACTED_ATTRIBUTES).filter("extraction_success").sort("product_id")
    denim = extracted.filter(material="denim")["product_id"].to_list()[:2]
    leather = extracted.filter(material="leather")["product_id"].to_list()[:2]
    words = {
        "id": "Stoff",
        **dict.fromkeys(map(str, denim), '"Denim, 2 % Lycra"'),
        **dict.fromkeys(map(str, leather), "Jeans"),
    }
    rows = [line.partition(",") for line in table.read_text().splitlines()]  # some are broken
    table.write_text("".join(f"{key},{words.get(key, '')},{rest}\n" for key, _, rest in rows))
    file.write_text('[given]\nmaterial = "Stoff"\n')

    settings = load_settings(home=home, demo_products=100, device="cpu", shop=file)
    with Pipeline(settings) as pipeline:
        asked = len(pipeline.store.read(RESPONSE_JOURNAL))
        run_pipeline(pipeline)
        assert disagreements(pipeline) == [(product, "material denim", "leather") for product in leather]
        assert len(pipeline.store.read(RESPONSE_JOURNAL)) == asked
        embedded = pipeline.store.read(EMBEDDINGS).filter(pl.col("product_id").is_in(leather))
        assert embedded["material"].to_list() == ["denim", "denim"]

    for name, value in {"HOME": home, "SHOP": file, "DEMO_PRODUCTS": 100}.items():
        monkeypatch.setenv(f"FASHION_{name}", str(value))
    shown = CliRunner().invoke(app, ["show", str(leather[0])]).output
    assert "what counts, and who said it" in shown and "shop's table: Jeans" in shown
