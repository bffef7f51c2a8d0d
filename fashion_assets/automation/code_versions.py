"""Dagster's code versions: what rows are computed by, so that the UI shows which batches are stale, and why.

What runs is decided from the tables, which hold the same (`planning.py`); this is only for display.
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
    """`definitions`, each asset with the version of the prompts, models or rules that it depends on, if any."""
    versions = _code_versions(resources)

    def versioned(spec: AssetSpec) -> AssetSpec:
        version = versions.get(spec.key.to_user_string())
        return spec if version is None else spec.replace_attributes(code_version=version)

    return definitions.map_asset_specs(func=versioned)


def _code_versions(resources: Resources) -> Mapping[str, str]:
    """By asset."""
    try:
        versions = versions_of(resources.prompts, resources.vlm, resources.clip, resources.shop)
    except FashionError:
        return {}  # a code location that fails to load would hide the reason: the run that needs the setting reports it
    return {
        EXTRACTED_ATTRIBUTES.asset: f"prompts {versions.prompts}, model {versions.vlm}",
        CONSISTENCY_CHECKS.asset: f"rules {rules_version(resources.shop)}",
        EMBEDDINGS.asset: f"model {versions.clip}, photo's share {versions.hybrid_image_weight}",
    }
