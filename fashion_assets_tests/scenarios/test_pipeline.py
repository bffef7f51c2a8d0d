"""The whole graph through Dagster with fake models: what reaches the index, what does not, what a re-run changes."""

import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from dagster import AssetKey, DagsterInstance, FloatMetadataValue, IntMetadataValue, TextMetadataValue

from fashion_assets.app.pipeline import Pipeline, RunFailed
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.errors import ModelError, SettingsError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.tables import live_promotion
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.fakes.resources import GPU, FakeClipResource, FakeVlmResource, with_fakes
from fashion_assets_tests.fakes.shop import PER_BATCH, indexed_ids, run_changed

BATCH_TABLES = (PRODUCTS, EXTRACTED_ATTRIBUTES, CONSISTENCY_CHECKS, ENRICHED_DESCRIPTIONS, EMBEDDINGS)


def test_everything_reaches_the_index_and_a_second_run_changes_nothing(shop):
    with shop.open() as pipeline:
        plans, outcomes = run_changed(pipeline)
        assert plans == {"batch_00000": ("new batch",), "batch_00001": ("new batch",)}
        assert not any(outcome.is_blocked for outcome in outcomes.values())
        assert indexed_ids(pipeline) == set(shop.rows)
        versions = [pipeline.store.version(table) for table in (*BATCH_TABLES, INGESTED_PRODUCTS, RESPONSE_JOURNAL)]
        index_version = live_promotion(pipeline.store)["index_version"]

        assert run_changed(pipeline) == ({}, {})
        pipeline.run_batch("batch_00000")  # even when asked for, nothing is written anew
        assert [
            pipeline.store.version(table) for table in (*BATCH_TABLES, INGESTED_PRODUCTS, RESPONSE_JOURNAL)
        ] == versions
        assert live_promotion(pipeline.store)["index_version"] == index_version


def test_changing_one_product_adds_that_product_only_to_every_change_feed(finished_shop):
    with finished_shop.open() as pipeline:
        tables = [table for table in BATCH_TABLES if table is not CONSISTENCY_CHECKS]
        before = {table.name: pipeline.store.version(table) for table in tables}
        asked = len(pipeline.store.read(RESPONSE_JOURNAL))
    finished_shop.rows[30][-1] = "Brand Renamed Shirt"
    with finished_shop.open() as pipeline:
        plans, _ = run_changed(pipeline)
        assert plans == {"batch_00001": ("rows changed",)}
        for table in tables:
            feed = changes_since(pipeline.store, table, before[table.name])
            assert set(feed["product_id"]) == {30}, table.name
            assert set(feed["_change_type"]) == {"update_preimage", "update_postimage"}
        assert len(pipeline.store.read(RESPONSE_JOURNAL)) == asked


def test_a_new_name_a_new_photo_and_a_withdrawal_rewrite_just_these_products(finished_shop):
    with finished_shop.open() as pipeline:
        before = pipeline.store.version(EMBEDDINGS)
    finished_shop.rows[30][-1] = "Brand Renamed Shirt"
    write_photo(finished_shop.folder / "images", "3.jpg", (0, 0, 250))
    del finished_shop.rows[40]
    with finished_shop.open() as pipeline:
        run_changed(pipeline)
        feed = changes_since(pipeline.store, EMBEDDINGS, before)
        changed = feed.group_by("product_id").agg(pl.col("_change_type").sort()).sort("product_id")
        update = ["update_postimage", "update_preimage"]
        assert changed.rows() == [(3, update), (30, update), (40, ["delete"])]
        indexed = pipeline._instance.get_latest_materialization_event(AssetKey("vs_text_search"))
        written = {name: entry.value for name, entry in indexed.asset_materialization.metadata.items()}

        assert (written["rows_written"], written["rows_deleted"]) == (2, 1)
        assert indexed_ids(pipeline) == set(finished_shop.rows)


def test_a_changed_photo_is_asked_about_again(finished_shop):
    with finished_shop.open() as pipeline:
        asked = len(pipeline.store.read(RESPONSE_JOURNAL))
        write_photo(finished_shop.folder / "images", "3.jpg", (0, 0, 250))
        plans, _ = run_changed(pipeline)
        assert plans == {"batch_00000": ("photos changed",)}
        assert len(pipeline.store.read(RESPONSE_JOURNAL)) == asked + 3
        assert pipeline.store.read(EXTRACTED_ATTRIBUTES).row(2, named=True)["material"] == "metal"


def test_a_batch_that_fails_its_gates_goes_no_further_in_this_or_any_run(shop):
    with shop.open(is_broken=True) as pipeline:
        pipeline.ingest()
        outcome = pipeline.run_batch("batch_00000")
        assert outcome.is_blocked
        assert "extraction_success_is_at_least_85_percent: 0 of 25 rows" in outcome.reasons[0]
        assert pipeline.store.read(ENRICHED_DESCRIPTIONS).is_empty()
        plan = next(plan for plan in pipeline.plan() if plan.batch == "batch_00000")
        assert plan.is_blocked
        assert not plan.must_run


def test_downstream_refuses_a_stopped_batch_in_a_run_of_its_own(shop):
    with shop.open(is_broken=True) as pipeline:
        pipeline.ingest()
        pipeline.run_batch("batch_00000")
        with pytest.raises(RunFailed, match=r"Batch batch_00000 is stopped by its quality gates"):
            pipeline.run_assets("batch_00000", ["enriched_descriptions"])


def test_one_bad_batch_does_not_hold_up_the_other(shop):
    with shop.open(is_broken=True) as bad:
        bad.ingest()
        assert bad.run_batch("batch_00001").is_blocked
    with shop.open() as good:
        good.ingest()
        assert not good.run_batch("batch_00000").is_blocked
        assert good.refresh_index()
        assert indexed_ids(good) == set(range(1, PER_BATCH + 1))


def test_a_withdrawn_product_leaves_the_index_though_its_batch_is_stopped(finished_shop):
    del finished_shop.rows[7]
    finished_shop.rows[8][-2] = "99.00"
    with finished_shop.open(is_broken=True) as pipeline:
        _, outcomes = run_changed(pipeline)
        assert outcomes["batch_00000"].is_blocked
        assert indexed_ids(pipeline) == set(finished_shop.rows)
        prices = pl.DataFrame(open_live(pipeline.settings.index_uri).to_arrow().select(["product_id", "price"]))
        assert prices.filter(product_id=8)["price"].to_list() == [99.0]


def test_other_weights_run_every_batch_again_and_say_why(finished_shop):
    with finished_shop.open(is_broken=True) as pipeline:
        assert {plan.reasons for plan in pipeline.plan()} == {("vlm changed",)}


def test_until_stops_after_the_asset(shop):
    with shop.open() as pipeline:
        pipeline.ingest()
        pipeline.run_batch("batch_00000", until="extracted_attributes")
        assert len(pipeline.store.read(EXTRACTED_ATTRIBUTES)) == PER_BATCH
        assert pipeline.store.read(ENRICHED_DESCRIPTIONS).is_empty()
        assert pipeline.plan()[0].reasons == ("never completed",)
        with pytest.raises(SettingsError, match=r"until \(--until\) is 'nothing'"):
            pipeline.run_batch("batch_00000", until="nothing")


def test_a_source_that_cannot_be_read_is_one_sentence(shop):
    with shop.open() as pipeline:
        (shop.folder / "styles.csv").unlink()
        with pytest.raises(RunFailed, match=r"styles\.csv"):
            pipeline.ingest()


def test_only_one_command_runs_the_pipeline_in_a_home(shop):
    with shop.open(), pytest.raises(SettingsError, match="Another `fashion` command is running the pipeline"):
        shop.open()
    shop.open().__exit__(None, None, None)


def test_a_killed_run_holds_nothing_up(shop):
    """A process killed within a step leaves its run unfinished and its pool taken; the next command frees both."""
    script = f"""
import os, signal
from fashion_assets.extraction.model import FakeVisionLanguageModel
FakeVisionLanguageModel.answer = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.settings import load_settings
from fashion_assets_tests.fakes.resources import GPU, FakeClipResource, FakeVlmResource, with_fakes
settings = load_settings(
    profile="local", source={str(shop.settings.source)!r}, preset="reference", home={str(shop.settings.home)!r}
)
with Pipeline(settings, with_fakes(settings)) as pipeline:
    pipeline.ingest()
    pipeline.run_batch("batch_00000")
"""
    shop.open().__exit__(None, None, None)  # writes the product table
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    with Pipeline(shop.settings, with_fakes(shop.settings)) as pipeline:
        assert not pipeline.run_batch("batch_00000", until="extracted_attributes").is_blocked


def test_the_broken_rules_of_a_stopped_batch_can_be_read(shop):
    for row in shop.rows.values():
        row[4] = "Watches"  # red photos are leather to the fake model
    with shop.open() as pipeline:
        pipeline.ingest()
        assert pipeline.run_batch("batch_00000").is_blocked
        assert set(pipeline.store.read(CONSISTENCY_CHECKS)["rule"]) == {"watches_are_metal"}


def test_the_sentence_of_an_error_with_a_cause_is_what_one_reads(shop, monkeypatch):
    def fail(*_):
        try:
            raise OSError("root cause")
        except OSError as error:
            raise ModelError(value="No model", rule="one is needed", remedy="set one") from error

    monkeypatch.setattr(FakeVlmResource, "load", fail)
    with shop.open() as pipeline:
        pipeline.ingest()
        with pytest.raises(RunFailed, match=r"^No model, but one is needed; set one\.$"):
            pipeline.run_batch("batch_00000")


def test_an_interrupted_run_is_an_interruption_and_no_error(shop, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeVlmResource, "load", interrupt)
    with shop.open() as pipeline:
        pipeline.ingest()
        with pytest.raises(KeyboardInterrupt):
            pipeline.run_batch("batch_00000")


def test_another_weight_of_the_photo_runs_every_batch_again(finished_shop):
    clip = FakeClipResource(model="fake", gpu=GPU, hybrid_image_weight=0.7)
    heavier = with_fakes(finished_shop.settings, clip=clip)
    with Pipeline(finished_shop.settings, heavier, DagsterInstance.ephemeral()) as pipeline:
        assert {plan.reasons for plan in pipeline.plan()} == {("hybrid_image_weight changed",)}


def test_what_a_batch_cost_is_stored_with_it_and_told(shop):
    resources = with_fakes(shop.settings, vlm=FakeVlmResource(price_per_hour=3600))
    for number in (2, 3, 4):
        write_photo(shop.folder / "images", f"{number}.jpg", (199, 1, 0))  # that of product 1
    shop.open().__exit__(None, None, None)  # writes the product table
    instance = DagsterInstance.ephemeral()
    with Pipeline(shop.settings, resources, instance) as pipeline:
        pipeline.ingest()
        first = pipeline.run_batch("batch_00000", until="extracted_attributes")
        stored = instance.get_latest_materialization_event(AssetKey("extracted_attributes"))
        again = pipeline.run_batch("batch_00000", until="extracted_attributes")
        assert pipeline.run_batch("batch_00000", until="products").cost == {}
    asked = (first.cost["products"], first.cost["products_asked"], first.cost["questions_asked"])
    assert asked == (25, 25, 66)  # 22 photos
    assert first.cost["cost"] == pytest.approx(first.cost["seconds"], abs=0.01)
    metadata = stored.asset_materialization.metadata
    assert isinstance(metadata["products_per_minute"], FloatMetadataValue)
    assert isinstance(metadata["tokens_in"], IntMetadataValue)
    assert isinstance(metadata["peak_memory"], TextMetadataValue)
    assert (again.cost["products_asked"], again.cost["journal_hits"]) == (0, 66)
    assert "products_per_minute" not in again.cost


def test_products_of_all_batches_load_in_one_run(shop):
    with shop.open() as pipeline:
        pipeline.ingest()
        pipeline.run_products()
        rows = pipeline.store.read(PRODUCTS)
        assert rows["product_id"].to_list() == list(shop.rows)
        version = pipeline.store.version(PRODUCTS)
        pipeline.run_batch("batch_00001", until="products")
        assert pipeline.store.version(PRODUCTS) == version
