"""The only assembly point: settings in, Dagster definitions out, the slices listed in the order of the data's flow."""

import warnings
from types import ModuleType

from dagster import (
    Definitions,
    PreviewWarning,
    definitions,
    in_process_executor,
    load_asset_checks_from_modules,
    load_assets_from_modules,
)

# Checks with partitions are a preview feature of Dagster; without them all batches would share one status.
warnings.filterwarnings("ignore", category=PreviewWarning)

from fashion_assets.automation import jobs, sensors  # noqa: E402
from fashion_assets.automation.code_versions import with_code_versions  # noqa: E402
from fashion_assets.automation.resources import Resources, build_resources  # noqa: E402
from fashion_assets.catalog import assets as catalog_assets  # noqa: E402
from fashion_assets.embeddings import assets as embeddings_assets  # noqa: E402
from fashion_assets.embeddings import checks as embeddings_checks  # noqa: E402
from fashion_assets.enrichment import assets as enrichment_assets  # noqa: E402
from fashion_assets.enrichment import checks as enrichment_checks  # noqa: E402
from fashion_assets.extraction import assets as extraction_assets  # noqa: E402
from fashion_assets.quality import assets as quality_assets  # noqa: E402
from fashion_assets.quality import checks as quality_checks  # noqa: E402
from fashion_assets.search import assets as search_assets  # noqa: E402
from fashion_assets.search.offline import assets as offline_assets  # noqa: E402
from fashion_assets.settings import Settings, load_settings  # noqa: E402

ASSET_MODULES = (
    catalog_assets,
    extraction_assets,
    quality_assets,
    enrichment_assets,
    embeddings_assets,
    search_assets,
    offline_assets,
)
CHECK_MODULES = (quality_checks, enrichment_checks, embeddings_checks)


def build_definitions(settings: Settings, resources: Resources | None = None) -> Definitions:
    """The whole project for one set of settings, with these `resources` or those of the settings."""
    resources = resources or build_resources(settings)
    assets = load_assets_from_modules([*ASSET_MODULES, *_modules_of_profile(settings)])
    return Definitions(
        assets=with_code_versions(assets, resources.prompts, resources.vlm, resources.clip),
        asset_checks=load_asset_checks_from_modules(CHECK_MODULES),
        jobs=jobs.jobs(),
        schedules=jobs.schedules(),
        sensors=[
            sensors.source_changes,
            sensors.changed_batches,
            sensors.lost_runs,
            sensors.index_follows_embeddings,
            sensors.catalog_follows_batches,
            sensors.alerts,
        ],
        resources=resources.by_name(),
        executor=in_process_executor,
    )


def _modules_of_profile(settings: Settings) -> list[ModuleType]:
    """The asset modules that only some profiles have."""
    if not settings.has_delta_sync_indexes:
        return []
    from fashion_assets.search.databricks import assets as databricks_assets

    return [databricks_assets]


@definitions
def defs() -> Definitions:
    """What `dagster dev`, `dg` and the workspace load; the settings are read only then."""
    return build_definitions(load_settings())
