"""The only assembly point: settings in, Dagster definitions out, the slices listed in the order of the data's flow."""

import warnings
from collections.abc import Mapping
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

from fashion_assets.alerts.resources import AlertsResource  # noqa: E402
from fashion_assets.automation import jobs, sensors  # noqa: E402
from fashion_assets.automation.code_versions import with_code_versions  # noqa: E402
from fashion_assets.catalog import assets as catalog_assets  # noqa: E402
from fashion_assets.catalog import tables as catalog_tables  # noqa: E402
from fashion_assets.catalog.resources import CatalogResource  # noqa: E402
from fashion_assets.compute.cluster_settings import settings_of_cluster  # noqa: E402
from fashion_assets.compute.resources import ComputeResource, DatabricksCompute  # noqa: E402
from fashion_assets.demo.models import clip_folder, vlm_folder  # noqa: E402
from fashion_assets.embeddings import assets as embeddings_assets  # noqa: E402
from fashion_assets.embeddings import checks as embeddings_checks  # noqa: E402
from fashion_assets.embeddings.tables import EMBEDDINGS  # noqa: E402
from fashion_assets.enrichment import assets as enrichment_assets  # noqa: E402
from fashion_assets.enrichment import checks as enrichment_checks  # noqa: E402
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS  # noqa: E402
from fashion_assets.extraction import assets as extraction_assets  # noqa: E402
from fashion_assets.extraction.questions import default_prompts_folder  # noqa: E402
from fashion_assets.extraction.resources import (  # noqa: E402
    EndpointVlm,
    PromptsResource,
    TransformersVlm,
    VlmResource,
    ZeroShotVlm,
)
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES  # noqa: E402
from fashion_assets.models.clip.resources import ClipResource  # noqa: E402
from fashion_assets.models.device import GpuResource  # noqa: E402
from fashion_assets.orchestration.io_manager import DeltaIOManager, TablesResource  # noqa: E402
from fashion_assets.quality import assets as quality_assets  # noqa: E402
from fashion_assets.quality import checks as quality_checks  # noqa: E402
from fashion_assets.quality.resources import ReportsResource  # noqa: E402
from fashion_assets.quality.tables import CONSISTENCY_CHECKS  # noqa: E402
from fashion_assets.search import assets as search_assets  # noqa: E402
from fashion_assets.search.offline import assets as offline_assets  # noqa: E402
from fashion_assets.search.resources import IndexResource  # noqa: E402
from fashion_assets.settings import DEMO, ZERO_SHOT, Settings, load_settings  # noqa: E402
from fashion_assets.storage.table import Table  # noqa: E402

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

TABLES: Mapping[str, Table] = {
    "ingested_products": catalog_tables.INGESTED_PRODUCTS,
    "products": catalog_tables.PRODUCTS,
    "extracted_attributes": EXTRACTED_ATTRIBUTES,
    "consistency_checks": CONSISTENCY_CHECKS,
    "enriched_descriptions": ENRICHED_DESCRIPTIONS,
    "clip_embeddings": EMBEDDINGS,
}
"""The tables that the IO manager reads or writes, by asset."""


def build_definitions(settings: Settings, resources: Mapping[str, object] | None = None) -> Definitions:
    """The whole project for one set of settings; `resources` replace those of the settings, by name."""
    everything = {**build_resources(settings), **(resources or {})}
    assets = load_assets_from_modules([*ASSET_MODULES, *_modules_of_profile(settings)])
    return Definitions(
        assets=with_code_versions(assets, everything["prompts"], everything["vlm"], everything["clip"]),
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
        resources=everything,
        executor=in_process_executor,
    )


def _modules_of_profile(settings: Settings) -> list[ModuleType]:
    """The asset modules that only some profiles have."""
    if not settings.has_delta_sync_indexes:
        return []
    from fashion_assets.search.databricks import assets as databricks_assets

    return [databricks_assets]


def build_resources(settings: Settings) -> dict[str, object]:
    """The resources that the assets ask for, from the settings."""
    gpu = GpuResource(
        device=settings.device,
        dtype=settings.dtype,
        memory_share=settings.memory_share,
        micro_batch=settings.micro_batch,
    )
    clip = ClipResource(
        model=str(clip_folder()) if settings.clip == DEMO else settings.clip,
        hybrid_image_weight=settings.hybrid_image_weight,
        gpu=gpu,
    )
    return {
        "gpu": gpu,
        "tables": TablesResource(uri=settings.tables_uri),
        "io_manager": DeltaIOManager(settings.tables_uri, TABLES),
        "index": IndexResource(uri=settings.index_uri),
        "catalog": CatalogResource(
            source=str(settings.source or ""),
            photos=str(settings.photos_root),
            preset=settings.preset,
            columns=settings.columns,
            photo_path=settings.photo_path,
            allow_mass_withdrawal=settings.allow_mass_withdrawal,
        ),
        "prompts": PromptsResource(folder=str(settings.prompts or default_prompts_folder())),
        "vlm": _vlm_resource(settings, gpu, clip),
        "clip": clip,
        "compute": _compute_resource(settings),
        "alerting": AlertsResource.with_addresses(
            settings.alerts.get_secret_value() if settings.alerts else "",
            alert_on=settings.alert_on,
            ui_url=settings.ui_url,
            lock_file=str(settings.alerts_lock),
        ),
        "reports": ReportsResource(
            folder=str(settings.reports_folder),
            labels=str(settings.own_labels) if settings.own_labels else None,
        ),
        **_resources_of_profile(settings),
    }


def _resources_of_profile(settings: Settings) -> dict[str, object]:
    """The resources of the assets that only some profiles have."""
    if not settings.has_delta_sync_indexes:
        return {}
    from fashion_assets.search.databricks.resources import VectorSearchResource

    return {
        "vector_search": VectorSearchResource(
            catalog=settings.databricks_catalog,
            schema_name=settings.databricks_schema,
            endpoint=settings.databricks_endpoint,
            timeout_minutes=settings.databricks_timeout,
        )
    }


def _compute_resource(settings: Settings) -> ComputeResource:
    """Where batches are computed."""
    if not settings.computes_on_databricks:
        return ComputeResource()
    return DatabricksCompute(
        volume=settings.databricks_volume,
        prompts=str(settings.prompts or default_prompts_folder()),
        runtime=settings.databricks_runtime,
        node_type=settings.databricks_node_type,
        is_spot=settings.databricks_spot,
        instance_profile=settings.databricks_instance_profile,
        environment=settings.databricks_environment,
        settings=settings_of_cluster(settings),
        batches_per_run=settings.databricks_batches_per_run,
        tries=settings.databricks_tries,
        start_minutes=settings.databricks_timeout,
        run_hours=settings.databricks_run_hours,
    )


def _vlm_resource(settings: Settings, gpu: GpuResource, clip: ClipResource) -> VlmResource:
    """The back end that looks at photos."""
    if settings.endpoint:
        return EndpointVlm.with_key(
            settings.endpoint_key.get_secret_value() if settings.endpoint_key else None,
            model=settings.vlm,
            url=settings.endpoint,
            concurrency=settings.endpoint_concurrency,
            timeout_seconds=settings.endpoint_timeout,
            tries=settings.endpoint_tries,
            price_per_hour=settings.price_per_hour,
        )
    if settings.vlm == ZERO_SHOT:
        return ZeroShotVlm(clip=clip, price_per_hour=settings.price_per_hour)
    return TransformersVlm(
        model=str(vlm_folder()) if settings.vlm == DEMO else settings.vlm,
        image_splitting=settings.image_splitting,
        prompt_order=settings.prompt_order,
        gpu=gpu,
        price_per_hour=settings.price_per_hour,
    )


@definitions
def defs() -> Definitions:
    """What `dagster dev`, `dg` and the workspace load; the settings are read only then."""
    return build_definitions(load_settings())
