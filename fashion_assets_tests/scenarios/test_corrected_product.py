"""A correction goes into descriptions, vectors and search, and recomputes only its own product."""

from datetime import UTC, datetime

import polars as pl
import pytest
from starlette.testclient import TestClient

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.quality.labels.corrections import record_corrections
from fashion_assets.quality.review.app import build_app
from fashion_assets.quality.review.session import ReviewSession
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets.search.index.versions import open_live
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.fakes.shop import FakeShop, run_changed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def correction(product_id: int, value: str | None) -> pl.DataFrame:
    row = {"product_id": product_id, "field": "material", "value": value, "author": "the catalog team", "at": NOW}
    return pl.DataFrame([row], schema=CORRECTIONS.row_schema)


def correct_in_the_table(pipeline: Pipeline) -> None:
    record_corrections(pipeline.store, correction(30, "canvas"))


def correct_in_the_page(pipeline: Pipeline) -> None:
    """As the review page does when a person has chosen another material."""
    questions = pipeline.resources.prompts.questions()
    desk = ReviewSession(pipeline.store, pipeline.settings.photos_root, questions, "the catalog team")
    with TestClient(build_app(desk), base_url="http://127.0.0.1") as page:
        answer = page.post("/api/products/30/review", json={"corrections": {"material": "canvas"}})
    assert answer.json()["new"] == 1


@pytest.mark.parametrize("correct", [correct_in_the_table, correct_in_the_page])
def test_a_correction_recomputes_its_product_only_and_survives_extraction(finished_shop: FakeShop, correct):
    with finished_shop.open() as pipeline:
        asked = len(pipeline.store.read(RESPONSE_JOURNAL))
        before = {table.name: pipeline.store.version(table) for table in (ENRICHED_DESCRIPTIONS, EMBEDDINGS)}
        attributes = pipeline.store.version(EXTRACTED_ATTRIBUTES)

        correct(pipeline)
        plans, _ = run_changed(pipeline)
        assert plans == {"batch_00001": ("corrections changed",)}
        for table in (ENRICHED_DESCRIPTIONS, EMBEDDINGS):
            assert set(changes_since(pipeline.store, table, before[table.name])["product_id"]) == {30}, table.name
        assert len(pipeline.store.read(RESPONSE_JOURNAL)) == asked
        assert pipeline.store.version(EXTRACTED_ATTRIBUTES) == attributes  # raw answers are not touched
        found = pl.DataFrame(open_live(pipeline.settings.index_uri).to_arrow().select(["product_id", "material"]))
        assert found.filter(product_id=30)["material"].to_list() == ["canvas"]

        pipeline.run_batch("batch_00001")
        row = pipeline.store.read(EMBEDDINGS).row(by_predicate=pl.col("product_id") == 30, named=True)
        assert row["material"] == "canvas" and "canvas" in row["embedded_text"]
        assert run_changed(pipeline) == ({}, {})


def test_a_correction_of_a_product_that_is_not_in_the_catalog_runs_nothing(finished_shop: FakeShop):
    with finished_shop.open() as pipeline:
        record_corrections(pipeline.store, correction(999, "canvas"))
        assert run_changed(pipeline) == ({}, {})
