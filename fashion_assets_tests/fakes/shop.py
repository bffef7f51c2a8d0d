"""A small shop whose whole pipeline runs through Dagster with fake models, and what a test asks of it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from dagster import DagsterInstance

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.extraction.pilot_guard import PilotRecord, PilotVerdict, record_pilot
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import load_settings
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.fakes.resources import with_fakes

PER_BATCH = 25
COLUMNS = ("id", "gender", "masterCategory", "subCategory", "articleType", "baseColour", "price", "productDisplayName")


class FakeShop:
    """A shop's folder: a product table that can be edited, and a photo for each product."""

    def __init__(self, folder: Path):
        self.folder, self.columns = folder, [*COLUMNS]
        self.rows = {number: self._row(number) for number in range(1, 2 * PER_BATCH + 1)}
        for number in self.rows:
            write_photo(folder / "images", f"{number}.jpg", (200 - number, number, 0))
        self.settings = load_settings(
            profile="local", source=folder / "styles.csv", preset="reference", home=folder / "home", vlm="x", clip="x"
        )

    def _row(self, number):
        return [str(number), "Men", "Apparel", "Topwear", "Shirts", "Red", f"{number}.50", f"Brand Shirt {number}"]

    def open(self, is_broken=False, instance: DagsterInstance | None = None) -> Pipeline:
        self.write_products()
        pipeline = Pipeline(
            self.settings, with_fakes(self.settings, is_broken), instance or DagsterInstance.ephemeral()
        )
        let_proceed(pipeline)
        return pipeline

    def write_products(self) -> None:
        with (self.folder / "styles.csv").open("w", newline="") as file:
            csv.writer(file).writerows([self.columns, *self.rows.values()])


def let_proceed(pipeline: Pipeline) -> None:
    """As if a pilot of the pipeline's prompts and model had said PROCEED: the fakes would be seen through."""
    guard = pipeline.pilot_guard()
    if guard.record is None:
        proceed = PilotRecord(guard.prompt_version, guard.model_id, PilotVerdict.PROCEED, (), datetime.now(UTC))
        record_pilot(pipeline.store, proceed)


def run_changed(pipeline: Pipeline):
    pipeline.ingest()
    plans = {plan.batch: plan.reasons for plan in pipeline.plan() if plan.must_run}
    outcomes = {batch: pipeline.run_batch(batch) for batch in plans}
    pipeline.refresh_index()
    return plans, outcomes


def indexed_ids(pipeline: Pipeline) -> set[int]:
    version = live_promotion(pipeline.store)["index_version"]
    return set(open_live(pipeline.settings.index_uri, version).to_arrow()["product_id"].to_pylist())
