"""Dagster's code versions: what rows are made by, so that the UI shows which batches are out of date, and why.

The tables tell the same (`planning.py`), and decide what runs; this is for the eye.
"""

from collections.abc import Mapping

from dagster import AssetSpec, Definitions

from fashion_assets.automation.planning import versions_of
from fashion_assets.automation.resources import Resources
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import FashionError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.rules.declarations import rules_version
from fashion_assets.quality.tables import CONSISTENCY_CHECKS


def with_code_versions(definitions: Definitions, resources: Resources) -> Definitions:
    """`definitions`, each asset with the version of the prompts, models or rules that it depends on, where it does."""
    versions = _code_versions(resources)

    def versioned(spec: AssetSpec) -> AssetSpec:
        version = versions.get(spec.key.to_user_string())
        return spec if version is None else spec.replace_attributes(code_version=version)

    return definitions.map_asset_specs(func=versioned)


def _code_versions(resources: Resources) -> Mapping[str, str]:
    """By asset."""
    try:
        versions = versions_of(resources.prompts, resources.vlm, resources.clip, resources.shop.taxonomy)
    except FashionError:
        return {}  # a code location that does not load would hide why: the run that needs the setting says it
    return {
        EXTRACTED_ATTRIBUTES.asset: f"prompts {versions.prompts}, model {versions.vlm}",
        CONSISTENCY_CHECKS.asset: f"rules {rules_version(resources.shop)}",
        EMBEDDINGS.asset: f"model {versions.clip}, photo's share {versions.hybrid_image_weight}",
    }
