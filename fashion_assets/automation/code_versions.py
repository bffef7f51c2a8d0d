"""Dagster's code versions: what rows are made by, so that the UI shows which batches are out of date, and why.

The tables tell the same (`planning.py`), and decide what runs; this is for the eye.
"""

from collections.abc import Iterable, Mapping

from dagster import AssetsDefinition, AssetSpec, map_asset_specs

from fashion_assets.automation.planning import versions_of
from fashion_assets.errors import FashionError
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.quality.rules.declarations import rules_version


def with_code_versions(
    assets: Iterable[AssetsDefinition | AssetSpec], prompts: PromptsResource, vlm: VlmResource, clip: ClipResource
) -> list[AssetsDefinition | AssetSpec]:
    """`assets`, each with the version of the prompts, models or rules that it depends on, where it does."""
    versions = _code_versions(prompts, vlm, clip)

    def versioned(spec: AssetSpec) -> AssetSpec:
        version = versions.get(spec.key.to_user_string())
        return spec if version is None else spec.replace_attributes(code_version=version)

    return list(map_asset_specs(versioned, assets))


def _code_versions(prompts: PromptsResource, vlm: VlmResource, clip: ClipResource) -> Mapping[str, str]:
    try:
        versions = versions_of(prompts, vlm, clip)
    except FashionError:
        return {}  # a code location that does not load would hide why: the run that needs the setting says it
    return {
        "extracted_attributes": f"prompts {versions.prompts}, model {versions.vlm}",
        "consistency_checks": f"rules {rules_version()}",
        "clip_embeddings": f"model {versions.clip}, photo's share {versions.hybrid_image_weight}",
    }
