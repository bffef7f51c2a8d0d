"""The UI shows which batches are stale when prompts change: by code version, partition by partition."""

import re
import shutil

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleCauseCategory
from dagster._core.loader import LoadingContextForTest

from fashion_assets.definitions import build_definitions
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets_tests.fakes.resources import with_fakes

EXTRACTED = dg.AssetKey("extracted_attributes")
BATCHES = ("batch_00000", "batch_00001")


@pytest.fixture
def changed_prompts(tmp_path):
    """The shipped prompts, one of them reworded under a new version."""
    folder = shutil.copytree(default_prompts_folder(), tmp_path / "prompts")
    prompt = next(folder.glob("style*"))
    prompt.write_text(re.sub(r"(?m)^(version: *)v?\d+", r"\1v99", prompt.read_text()) + "\nLook closely.\n")
    return PromptsResource(folder=str(folder))


def stale(instance, settings, resources) -> dict[str, list[str]]:
    """By batch: why `extracted_attributes` is stale, from the UI's resolver."""
    graph = build_definitions(settings, resources).resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    causes = {batch: resolver.get_stale_causes(EXTRACTED, batch) for batch in BATCHES}
    return {
        batch: [cause.reason for cause in of_batch if cause.category is StaleCauseCategory.CODE]
        for batch, of_batch in causes.items()
    }


def test_a_changed_prompt_makes_every_batch_stale(shop, changed_prompts):
    instance = dg.DagsterInstance.ephemeral()
    with shop.open(instance=instance) as pipeline:
        pipeline.ingest()
        for batch in BATCHES:
            pipeline.run_batch(batch, until="extracted_attributes")
        assert not any(stale(instance, shop.settings, with_fakes(shop.settings)).values())
        reworded = with_fakes(shop.settings, prompts=changed_prompts)
        versions = stale(instance, shop.settings, reworded)
    assert versions == {batch: ["has a new code version"] for batch in BATCHES}


def test_assets_load_although_a_setting_is_broken(shop, tmp_path):
    nowhere = with_fakes(shop.settings, prompts=PromptsResource(folder=str(tmp_path / "nowhere")))
    graph = build_definitions(shop.settings, nowhere).resolve_asset_graph()
    assert graph.get(EXTRACTED).code_version is None
