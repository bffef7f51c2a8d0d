"""What a change costs: the plan says it beforehand, the sensor asks for these batches alone, the journal tells."""

import re
import shutil
from collections import Counter

import polars as pl
from dagster import RunRequest, build_sensor_context

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.automation import sensors
from fashion_assets.automation.forecast import forecast
from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import let_proceed, run_changed

QUESTIONS = ("garment_details", "material_and_pattern", "style_and_formality")
BATCHES = ["batch_00000", "batch_00001"]


def planned(pipeline: Pipeline) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """Reasons by batch, and how often each question would be asked, as `fashion plan` has them."""
    resources = pipeline.resources
    found = forecast(pipeline.store, pipeline.plan(), resources.prompts.questions(), resources.vlm.identity())
    return {batch.batch: batch.reasons for batch in found.batches}, found.questions


def asked_for(pipeline: Pipeline) -> dict[str, str]:
    """What the sensor `changed_batches` would start: the reason by batch."""
    used = {name: getattr(pipeline.resources, name) for name in ("prompts", "vlm", "clip", "shop")}
    tables = TablesResource(uri=pipeline.store.uri)
    with build_sensor_context(pipeline._instance, resources={**used, "tables": tables}) as context:
        found = [request for request in sensors.changed_batches(context) if isinstance(request, RunRequest)]
    return {request.partition_key: request.tags["fashion/why"] for request in found}


def answers(pipeline: Pipeline) -> Counter:
    journal = pipeline.store.read(RESPONSE_JOURNAL, columns=["question_id", "photo_sha256"])
    return Counter(journal.iter_rows())


def test_three_new_photos_in_two_batches_are_two_runs_about_three_products(finished_shop):
    with finished_shop.open() as pipeline:
        before = answers(pipeline)
        hashes = {
            write_photo(finished_shop.folder / "images", f"{number}.jpg", (0, number, 250)) for number in (3, 9, 40)
        }
        pipeline.ingest()
        expected = dict.fromkeys(BATCHES, ("photos changed",))
        assert planned(pipeline) == (expected, dict.fromkeys(QUESTIONS, 3))
        pipeline.register_batches()
        assert asked_for(pipeline) == dict.fromkeys(BATCHES, "photos changed")
        plans, _ = run_changed(pipeline)
        assert plans == expected
        new = answers(pipeline) - before
        assert new == Counter({(question, photo): 1 for question in QUESTIONS for photo in hashes})
        assert planned(pipeline)[0] == {} and asked_for(pipeline) == {}


def test_a_changed_prompt_asks_its_question_of_the_products_that_it_applies_to(finished_shop, tmp_path):
    folder = shutil.copytree(default_prompts_folder(), tmp_path / "prompts")
    prompt = folder / "garment_details.md"
    prompt.write_text(re.sub(r"(?m)^version: 1$", "version: 2", prompt.read_text()) + "\nLook closely.\n")
    for number in (5, 30):
        finished_shop.rows[number][2:5] = ["Accessories", "Belts", "Belts"]
    with finished_shop.open() as pipeline:
        run_changed(pipeline)
        instance = pipeline._instance
        before = answers(pipeline)
        products = pipeline.store.read(PRODUCTS, columns=["product_id", "photo_sha256"])
        garments = set(products.filter(~pl.col("product_id").is_in([5, 30]))["photo_sha256"])  # some photos are equal
        resources = with_fakes(finished_shop.settings, prompts=PromptsResource(folder=str(folder)))
        pipeline._lock.release()
        with Pipeline(finished_shop.settings, resources, instance) as reworded:
            let_proceed(reworded)
            expected = dict.fromkeys(BATCHES, ("prompts changed",))
            questions = {"garment_details": len(garments), "material_and_pattern": 0, "style_and_formality": 0}
            assert planned(reworded) == (expected, questions)
            assert asked_for(reworded) == dict.fromkeys(BATCHES, "prompts changed")
            plans, _ = run_changed(reworded)
            assert plans == expected
            new = answers(reworded) - before
            assert new == Counter({("garment_details", photo): 1 for photo in garments})
