"""The embedded default for real: rendered photos, the shipped models, the whole graph, and search over all that."""

import shutil

import polars as pl
import pytest

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.run import run_pipeline
from fashion_assets.app.shop import Shop
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.settings import load_settings

PRODUCTS = 100


@pytest.fixture(scope="module")
def demo(finished_demo, tmp_path_factory):
    """Settings and pipeline of a small demo catalog that was run once."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(finished_demo, home)
    settings = load_settings(home=home, demo_products=PRODUCTS, device="cpu")
    with Pipeline(settings) as pipeline:
        yield settings, pipeline


def test_every_product_is_answered_and_passes(demo):
    settings, pipeline = demo
    (plan,) = pipeline.plan()
    assert (plan.batch, plan.must_run, plan.verdict.passed) == ("batch_00000", False, True)
    found = Shop.open(settings).status()
    assert found.products == found.extracted == PRODUCTS
    assert found.extraction_success_rate >= 0.85
    assert found.quarantined == 1
    assert found.photos.missing > 0
    assert found.photos.unreadable == 1
    assert {index.rows for index in found.indexes} == {PRODUCTS}
    assert not [gate for gate in found.gates if gate.severity == "error" and not gate.passed]


def test_what_the_model_saw_is_what_is_in_the_pictures(demo):
    settings, pipeline = demo
    truth = pl.read_csv(settings.source.parent / "labels.csv").select("product_id", "pattern", "material", "sleeves")
    rows = pipeline.store.read(EXTRACTED_ATTRIBUTES).filter("extraction_success")
    compared = rows.join(truth, on="product_id", suffix="_truth")
    for column in ("pattern", "material"):
        is_right = compared[column] == compared[f"{column}_truth"]
        majority = compared[f"{column}_truth"].value_counts(sort=True)["count"][0] / len(compared)
        assert is_right.mean() > max(0.6, majority), column


@pytest.mark.parametrize("query", ["watch", "striped shirt"])
def test_search_finds_what_the_words_say(demo, query):
    settings, _ = demo
    article = query.split()[-1]
    hits = Shop.open(settings).search(query, limit=5)
    assert hits[0].why.ranking_score == max(hit.why.ranking_score for hit in hits)
    assert article in hits[0].article_type.lower()
    assert "article type" in hits[0].why.boosts


def test_a_photo_finds_its_own_product(demo):
    settings, pipeline = demo
    product = pipeline.store.read(EXTRACTED_ATTRIBUTES).filter("extraction_success").row(0, named=True)
    hits = Shop.open(settings).search(photo=settings.photos_root / product["image_path"], limit=3)
    assert hits[0].product_id == product["product_id"]
    assert hits[0].score == pytest.approx(1, abs=0.01)


def test_filters_hold(demo):
    settings, _ = demo
    hits = Shop.open(settings).search("shirt", filters=["gender=Women", "price<=1500"])
    assert hits
    assert all(hit.gender == "Women" and hit.price <= 1500 for hit in hits)


def test_running_again_changes_nothing(demo):
    _settings, pipeline = demo
    before = len(pipeline.store.read(RESPONSE_JOURNAL)), pipeline.store.version(EXTRACTED_ATTRIBUTES)
    assert run_pipeline(pipeline) == []
    assert (len(pipeline.store.read(RESPONSE_JOURNAL)), pipeline.store.version(EXTRACTED_ATTRIBUTES)) == before
