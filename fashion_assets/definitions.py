"""The only assembly point: settings in, Dagster definitions out; the slices are in the order of the data flow."""

import warnings

from dagster import Definitions, PreviewWarning, definitions, in_process_executor

# Partitioned checks are a preview feature of Dagster; without them all batches would share one status.
warnings.filterwarnings("ignore", category=PreviewWarning)

from fashion_assets.automation import definitions as automation  # noqa: E402
from fashion_assets.automation.code_versions import with_code_versions  # noqa: E402
from fashion_assets.automation.resources import Resources, build_resources  # noqa: E402
from fashion_assets.catalog import definitions as catalog  # noqa: E402
from fashion_assets.embeddings import definitions as embeddings  # noqa: E402
from fashion_assets.enrichment import definitions as enrichment  # noqa: E402
from fashion_assets.extraction import definitions as extraction  # noqa: E402
from fashion_assets.quality import definitions as quality  # noqa: E402
from fashion_assets.search import definitions as search  # noqa: E402
from fashion_assets.search.offline import definitions as offline_search  # noqa: E402
from fashion_assets.settings import Settings  # noqa: E402
from fashion_assets.shop.file import load_shop_settings  # noqa: E402


def build_definitions(settings: Settings, resources: Resources | None = None) -> Definitions:
    """The whole project for one set of settings, with `resources`, by default those of the settings."""
    resources = resources or build_resources(settings)
    slices = Definitions.merge(
        catalog.definitions(),
        extraction.definitions(),
        quality.definitions(resources.shop),
        enrichment.definitions(),
        embeddings.definitions(),
        search.definitions(),
        offline_search.definitions(),
        *_slices_of_profile(settings),
    )
    return Definitions.merge(
        with_code_versions(slices, resources),
        automation.definitions(slices),
        Definitions(resources=resources.by_name(), executor=in_process_executor),
    )


def _slices_of_profile(settings: Settings) -> list[Definitions]:
    """The slices that only some profiles have, and load."""
    if not settings.has_delta_sync_indexes:
        return []
    from fashion_assets.search.databricks import definitions as databricks_search

    return [databricks_search.definitions()]


@definitions
def defs() -> Definitions:
    """What `dagster dev`, `dg` and the workspace load; the settings are not read before."""
    return build_definitions(load_shop_settings())
