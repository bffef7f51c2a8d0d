"""Failed products asked again through Dagster: what changes, what stays, and what later runs make of it."""

import shutil
from pathlib import Path

import pytest
from dagster import DagsterInstance

import fashion_assets.orchestration.batches
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.retry import resources_to_retry_with, retry_failed, settings_to_retry_with
from fashion_assets.automation import jobs
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.errors import SettingsError, UnknownBatch
from fashion_assets.extraction.backends.endpoint.backend import ENDPOINT
from fashion_assets.extraction.backends.transformers.backend import TRANSFORMERS
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.settings import load_settings
from fashion_assets_tests.factories import BLUE, write_photo
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.fakes.resources import FakeVlmResource, with_fakes
from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop

BATCH_0 = "batch_00000"
FAILING = (3, 8, 21)
TABLES = (EXTRACTED_ATTRIBUTES, ENRICHED_DESCRIPTIONS, EMBEDDINGS)
NARROW = FakeVlmResource(misses="metal")
"""The shop's normal model: it cannot name what the photos of FAILING show."""


class RetryShop(FakeShop):
    def open(self, vlm=NARROW, **resources) -> Pipeline:
        return Pipeline(self.settings, with_fakes(self.settings, vlm=vlm, **resources), DagsterInstance.ephemeral())


@pytest.fixture(scope="module", autouse=True)
def _one_batch():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fashion_assets.orchestration.batches, "BATCH_SIZE", PER_BATCH)
        yield


def one_batch_in(folder: Path) -> RetryShop:
    """A shop of one batch, in which the normal model fails at three products."""
    shop = RetryShop(folder)
    for number in FAILING:
        write_photo(shop.folder / "images", f"{number}.jpg", BLUE)
    shop.rows = {number: row for number, row in shop.rows.items() if number <= PER_BATCH}
    FakeShop.open(shop).__exit__(None, None, None)  # writes the product table
    return shop


@pytest.fixture
def shop(tmp_path):
    return one_batch_in(tmp_path / "shop")


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory, _one_batch) -> Path:
    """The folder of the shop after its batch ran with the normal model; to be copied, never changed."""
    shop = one_batch_in(tmp_path_factory.mktemp("run") / "shop")
    with shop.open() as pipeline:
        pipeline.ingest()
        assert not pipeline.run_batch(BATCH_0).is_blocked
        assert failed(pipeline) == set(FAILING)
    return shop.folder


@pytest.fixture
def run_shop(shop, run_folder):
    shutil.copytree(run_folder, shop.folder, dirs_exist_ok=True)
    return shop


def failed(pipeline) -> set[int]:
    return set(pipeline.store.read(EXTRACTED_ATTRIBUTES).filter(extraction_success=False)["product_id"])


def versions(pipeline) -> list[int]:
    return [pipeline.store.version(table) for table in TABLES]


def needs(pipeline) -> tuple[str, ...]:
    (plan,) = pipeline.plan()
    return plan.reasons


def test_another_model_recovers_failed_products_and_later_runs_keep_that(run_shop, tmp_path):
    with run_shop.open(FakeVlmResource()) as pipeline:
        before = {table.name: pipeline.store.version(table) for table in TABLES}
        (retried,) = retry_failed(pipeline)
        assert (retried.before, retried.after, retried.recovered) == ({"value_out_of_vocabulary": 3}, {}, 3)
        assert not retried.outcome.is_blocked
        for table in TABLES:
            feed = changes_since(pipeline.store, table, before[table.name])
            assert set(feed["product_id"]) == set(FAILING), table.name
            rows = pipeline.store.read(table).filter(model_id="fake")
            assert rows["product_id"].to_list() == list(FAILING)
            assert set(rows["retry_of_model_id"]) == {"fake-without-metal"}
        assert list(retry_failed(pipeline)) == []

    with run_shop.open() as pipeline:
        assert needs(pipeline) == ()
        as_retried = versions(pipeline)
        pipeline.run_batch(BATCH_0)
        assert versions(pipeline) == as_retried

    prompts = tmp_path / "prompts"
    shutil.copytree(default_prompts_folder(), prompts)
    edited = next(prompts.glob("*material*.md"))
    edited.write_text(edited.read_text() + "\nLook closely.\n")
    with run_shop.open(prompts=PromptsResource(folder=str(prompts))) as pipeline:
        assert needs(pipeline) == ("prompts changed",)
        pipeline.run_batch(BATCH_0)
        assert failed(pipeline) == set(FAILING)
    with run_shop.open(FakeVlmResource(is_broken=True)) as pipeline:
        assert "vlm changed" in needs(pipeline)


def test_without_other_settings_nothing_is_run_that_cannot_change(run_shop):
    with run_shop.open() as pipeline:
        before = versions(pipeline)
        (retried,) = retry_failed(pipeline)
        assert (retried.forecast.failed, retried.forecast.fail_again, retried.forecast.may_succeed) == (3, 3, 0)
        assert retried.outcome is None
        assert versions(pipeline) == before


def test_another_model_that_fails_too_changes_nothing(run_shop):
    with run_shop.open(FakeVlmResource(is_broken=True)) as pipeline:
        before = versions(pipeline)
        (retried,) = retry_failed(pipeline, [BATCH_0])
        assert retried.outcome is not None
        assert (retried.recovered, retried.after) == (0, retried.before)
        assert versions(pipeline) == before


def test_only_what_was_not_answered_is_inferred_again(shop, monkeypatch):
    """A time-out is not in the journal: the same model may answer it the next time."""
    answer = FakeVisionLanguageModel._answer

    def is_late(model, photo, question):
        is_blue = photo.getpixel((0, 0))[2] > 100
        return Answer("", failure="timeout") if is_blue else answer(model, photo, question)

    normal = FakeVlmResource()
    with monkeypatch.context() as slow:
        slow.setattr(FakeVisionLanguageModel, "_answer", is_late)
        with shop.open(normal) as pipeline:
            pipeline.ingest()
            pipeline.run_batch(BATCH_0)
            answered = len(pipeline.store.read(RESPONSE_JOURNAL))
    with shop.open(normal) as pipeline:
        (retried,) = retry_failed(pipeline)
        assert (retried.before, retried.recovered) == ({"timeout": 3}, 3)
        assert len(pipeline.store.read(RESPONSE_JOURNAL)) == answered + 3  # one photo, three questions
        assert pipeline.store.read(EXTRACTED_ATTRIBUTES)["retry_of_model_id"].null_count() == PER_BATCH
        assert needs(pipeline) == ()


def test_products_without_a_photo_wait_for_an_ingest(shop):
    (shop.folder / "images" / "3.jpg").unlink()
    with shop.open() as pipeline:
        pipeline.ingest()
        pipeline.run_batch(BATCH_0)
        (retried,) = retry_failed(pipeline)
        assert (retried.forecast.failed, retried.forecast.without_photo, retried.forecast.fail_again) == (3, 1, 2)
        assert retried.before == {"value_out_of_vocabulary": 2, "photo_missing": 1}


def test_a_stopped_batch_continues_when_enough_is_fixed(shop):
    for number in range(1, 11):
        write_photo(shop.folder / "images", f"{number}.jpg", (0, number, 200))
    with shop.open() as pipeline:
        pipeline.ingest()
        assert pipeline.run_batch(BATCH_0).is_blocked
    with shop.open(FakeVlmResource(is_broken=True)) as pipeline:
        (retried,) = retry_failed(pipeline)
        assert retried.outcome.is_blocked
    with shop.open(FakeVlmResource()) as pipeline:
        (retried,) = retry_failed(pipeline)
        assert (retried.recovered, retried.outcome.is_blocked) == (11, False)
        assert len(pipeline.store.read(EMBEDDINGS)) == PER_BATCH


def test_the_config_of_a_run_of_the_whole_batch_is_enough(run_shop):
    """As launched in the UI: the job with its config, products and all."""
    with run_shop.open(FakeVlmResource()) as pipeline:
        pipeline.run_assets(BATCH_0, pipeline.flow.assets, {"extracted_attributes": {"only_failed": True}})
        assert failed(pipeline) == set()
        assert set(pipeline.store.read(EMBEDDINGS)["model_id"]) == {"fake", "fake-without-metal"}


def test_the_job_of_the_ui_retries_the_failed_products_alone(run_shop):
    with run_shop.open(FakeVlmResource()) as pipeline:
        pipeline.register_batches()
        job = pipeline._definitions.resolve_job_def(jobs.RETRY)
        assert job.execute_in_process(instance=pipeline._instance, partition_key=BATCH_0).success
        assert failed(pipeline) == set()
        assert set(pipeline.store.read(EMBEDDINGS)["model_id"]) == {"fake", "fake-without-metal"}


def test_a_batch_that_does_not_exist_is_an_error(run_shop):
    with run_shop.open() as pipeline, pytest.raises(UnknownBatch, match="There is no batch batch_7"):
        list(retry_failed(pipeline, ["batch_7"]))


def test_a_retry_may_change_the_settings_of_inference(tmp_path, monkeypatch):
    monkeypatch.setenv("FASHION_DEVICE", "cpu")
    (tmp_path / "other.env").write_text("FASHION_PROMPT_ORDER=photo-first\n# a comment\nFASHION_DEVICE=\n")
    settings = settings_to_retry_with(
        ["FASHION_VLM=folder/of=weights", "FASHION_IMAGE_SPLITTING=true", str(tmp_path / "other.env")]
    )
    of_transformers = TRANSFORMERS.read_settings(settings)
    assert (settings.vlm, settings.device) == ("folder/of=weights", "auto")
    assert (of_transformers.image_splitting, of_transformers.prompt_order) == (True, "photo-first")


def test_a_key_may_be_longer_than_a_file_name(monkeypatch):
    key = "k" * 400
    settings = settings_to_retry_with([f"FASHION_ENDPOINT_KEY={key}"])
    assert ENDPOINT.read_settings(settings).key.get_secret_value() == key


def test_another_key_reaches_the_endpoint_of_the_retry(tmp_path, monkeypatch):
    present = {"PROFILE": "local", "ENDPOINT": "http://localhost:1/v1", "VLM": "m", "ENDPOINT_KEY": "old"}
    for name, value in present.items():
        monkeypatch.setenv(f"FASHION_{name}", value)
    settings = load_settings(home=tmp_path)
    resources = resources_to_retry_with(settings, ["FASHION_ENDPOINT_KEY=new"])
    with Pipeline(settings, resources, DagsterInstance.ephemeral()) as pipeline:
        assert pipeline.resources.vlm._endpoint.secret == "new"


def test_prompts_that_ask_for_less_are_refused(tmp_path, repository):
    shutil.copytree(repository / "prompts", tmp_path / "less")
    (tmp_path / "less" / "garment_details.md").unlink()
    with pytest.raises(SettingsError, match="does not ask for collar, sleeves, fit"):
        resources_to_retry_with(load_settings(), [f"FASHION_PROMPTS={tmp_path / 'less'}"])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("FASHION_CLIP=demo", r"with_settings \(--with\) has 'FASHION_CLIP'.*give one of FASHION_VLM, "),
        ("vlm=demo", r"with_settings \(--with\) has 'vlm'"),
        ("nowhere.env", r"with_settings \(--with\) has 'nowhere.env', but it must be NAME=VALUE or a file"),
        ("FASHION_DEVICE=tpu", "FASHION_DEVICE is 'tpu'"),
    ],
)
def test_what_a_retry_cannot_change_is_refused_in_a_sentence(value, words):
    with pytest.raises(SettingsError, match=words):
        settings_to_retry_with([value])
