"""A shop's own value flows from the question to the embedded text, and only the profile is passed along."""

from dataclasses import replace

import pytest
from dagster import DagsterInstance

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.embeddings.batch import compute_embeddings
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.describe import describe
from fashion_assets.extraction.batch import ExtractionModels, extract_attributes
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.extraction.tables import attributes_table
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.shop.file import catalog_rules
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Value
from fashion_assets_tests.factories import BATCH_0, RED, photographed, products
from fashion_assets_tests.fakes.resources import GPU, FakeClipResource, FakeVlmResource, with_fakes
from fashion_assets_tests.fakes.shop import let_proceed

OWN = ShopProfile(taxonomy=SHIPPED.taxonomy.with_value("material", Value("velvet", ("velour",), phrase="velvety")))


class SeesVelour(FakeVlmResource):
    """Calls red products velour, a word of that shop alone."""

    def _model(self) -> FakeVisionLanguageModel:
        return FakeVisionLanguageModel(lambda text: text.replace("leather", "velour"), "fake-velour")


@pytest.fixture
def batch(store, tmp_path):
    """A batch of one red product."""
    store.merge(PRODUCTS, products(photographed(1, tmp_path, RED)), BATCH_0)
    return BatchContext(BATCH_0, store, tmp_path, lambda line: None)


def extracted(batch: BatchContext, profile: ShopProfile, only_failed: bool = False):
    questions = PromptsResource(folder=str(default_prompts_folder())).questions(profile.taxonomy)
    models = ExtractionModels(questions, SeesVelour(), FakeClipResource(model="fake", gpu=GPU), profile)
    return extract_attributes(batch, batch.store.read(PRODUCTS, batch.key), models, only_failed=only_failed)


def test_a_value_of_the_profile_reaches_rows_description_and_embedded_text(batch):
    attributes = extracted(batch, OWN).rows
    assert attributes["material"].to_list() == ["velvet"]
    descriptions = describe(attributes, broken_rules(attributes), shop=OWN)
    clip = FakeClipResource(model="fake", gpu=GPU)
    (text,) = compute_embeddings(batch, descriptions, clip, OWN).rows["embedded_text"]
    assert "velvety shirts" in text


def test_without_that_profile_the_same_answer_is_a_failure(batch):
    computed = extracted(batch, SHIPPED)
    assert computed.figures["failures_by_code"] == {"value_out_of_vocabulary": 1}
    assert computed.rows["material"].to_list() == ["unknown"]


def test_the_profile_of_today_fixes_the_failures_of_yesterday(batch):
    failed = extracted(batch, SHIPPED).rows
    batch.store.merge(attributes_table(OWN.taxonomy), failed, batch.key)
    assert extracted(batch, OWN, only_failed=True).rows["material"].to_list() == ["velvet"]


def test_dagster_hands_the_profile_to_every_asset_of_a_batch(shop):
    shop.write_products()
    own = replace(OWN, catalog=catalog_rules(shop.settings))
    resources = with_fakes(shop.settings, shop=own, vlm=SeesVelour())
    with Pipeline(shop.settings, resources, DagsterInstance.ephemeral()) as pipeline:
        pipeline.ingest()
        let_proceed(pipeline)
        assert not pipeline.run_batch(BATCH_0, until=EMBEDDINGS.asset).is_blocked
        assert {plan.batch for plan in pipeline.plan() if not plan.must_run} == {BATCH_0}
        rows = pipeline.store.read(EMBEDDINGS, BATCH_0)
    assert set(rows["material"]) == {"velvet"}
    assert rows["embedded_text"].str.contains("velvety shirts").all()
