"""After a small change, everything is as if it had been computed anew: the tables, the index, the measured quality."""

import shutil

import numpy as np
import polars as pl
import pytest

from benchmarks.cost_of_change import change
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.run import run_pipeline
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.offline.evaluate import measure, query_set
from fashion_assets.search.offline.tables import SEARCH_QUALITY
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import load_settings
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.fakes.shop import FakeShop, let_proceed, run_changed

DERIVED = (
    INGESTED_PRODUCTS,
    PRODUCTS,
    EXTRACTED_ATTRIBUTES,
    CONSISTENCY_CHECKS,
    ENRICHED_DESCRIPTIONS,
    EMBEDDINGS,
)


def contents(pipeline: Pipeline) -> dict[str, list[tuple]]:
    """The rows of every derived table, without times, with the vectors of the embeddings."""
    return {
        table.name: pipeline.store.read(table)
        .select(*table.hashed_columns, *(VECTOR_COLUMNS if table is EMBEDDINGS else ()))
        .rows()
        for table in DERIVED
    }


def indexed(pipeline: Pipeline) -> pl.DataFrame:
    version = live_promotion(pipeline.store)["index_version"]
    return pl.DataFrame(open_live(pipeline.settings.index_uri, version).to_arrow()).sort("product_id")


def make_small_change(shop: FakeShop) -> None:
    for number in (3, 9, 40):
        write_photo(shop.folder / "images", f"{number}.jpg", (0, number, 250))
    for number in (12, 44):
        shop.rows[number][-1] = f"Renamed Blue Shirt {number}"


def test_tables_and_index_are_those_of_a_home_that_was_made_with_the_same_input(finished_shop, tmp_path):
    make_small_change(finished_shop)
    with finished_shop.open() as pipeline:
        plans, _ = run_changed(pipeline)
        assert plans == {"batch_00000": ("rows changed", "photos changed"), "batch_00001": plans["batch_00001"]}
        after_change, index_after_change = contents(pipeline), indexed(pipeline)
    fresh = FakeShop(tmp_path / "fresh")
    make_small_change(fresh)
    with fresh.open() as pipeline:
        run_changed(pipeline)
        anew, index_anew = contents(pipeline), indexed(pipeline)
    for name, rows in anew.items():
        assert after_change[name] == rows, name
    assert index_after_change.equals(index_anew)


@pytest.fixture
def demo(finished_demo, tmp_path):
    home = shutil.copytree(finished_demo, tmp_path / "home")
    with Pipeline(load_settings(home=home, demo_products=100, device="cpu")) as pipeline:
        let_proceed(pipeline)
        yield pipeline


def test_the_measured_quality_is_that_of_a_measurement_from_nothing(demo):
    before = live_promotion(demo.store)["index_version"]
    change(demo.settings.home)
    run_pipeline(demo)
    version = live_promotion(demo.store)["index_version"]
    assert version > before
    table, queries = open_live(demo.settings.index_uri, version), query_set(demo.store, demo.settings.own_labels)
    keys = ["suite", "index", "ranking", "metric"]
    figures = measure(table, demo.resources.clip.load(), queries, demo.resources.shop).sort(keys)
    recorded = demo.store.read(SEARCH_QUALITY).filter(index_version=version).sort(keys)
    assert recorded.select(*keys, "queries").equals(figures.select(*keys, "queries"))
    for column in ("value", "low", "high"):
        np.testing.assert_allclose(recorded[column].to_numpy(), figures[column].to_numpy(), atol=1e-5)
