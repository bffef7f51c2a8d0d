"""The resources of assets, checks and sensors: one typed object, built from the settings at assembly."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.catalog import tables as catalog_tables
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.compute.cluster_settings import settings_of_cluster
from fashion_assets.compute.resources import ComputeResource, DatabricksCompute
from fashion_assets.demo.models import clip_model, vlm_folder
from fashion_assets.embeddings import tables as embeddings_tables
from fashion_assets.enrichment import tables as enrichment_tables
from fashion_assets.errors import SettingsError
from fashion_assets.extraction import tables as extraction_tables
from fashion_assets.extraction.backends.registry import chosen
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.models.resources import GpuResource
from fashion_assets.orchestration.io_manager import DeltaIOManager, TablesResource
from fashion_assets.quality import tables as quality_tables
from fashion_assets.quality.resources import LabelsResource, ReportsResource
from fashion_assets.search.resources import IndexResource
from fashion_assets.settings import DEMO, Settings
from fashion_assets.shop.file import shop_profile
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.table import AssetTable, asset_tables

if TYPE_CHECKING:
    from fashion_assets.search.databricks.resources import VectorSearchResource


_SLICES_TABLES = (catalog_tables, extraction_tables, quality_tables, enrichment_tables, embeddings_tables)
"""The modules that declare the tables of assets."""


@dataclass(frozen=True)
class Resources:
    """Every resource of one set of settings, by the name under which assets and sensors request it.

    `vector_search` is None unless the profile has indexes in Databricks Vector Search.
    """

    shop: ShopProfile
    gpu: GpuResource
    tables: TablesResource
    io_manager: DeltaIOManager
    index: IndexResource
    catalog: CatalogResource
    prompts: PromptsResource
    vlm: VlmResource
    clip: ClipResource
    compute: ComputeResource
    alerting: AlertsResource
    labels: LabelsResource
    reports: ReportsResource
    vector_search: "VectorSearchResource | None" = None

    def by_name(self) -> dict[str, Any]:
        """The resources for Dagster, by name."""
        named = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: resource for name, resource in named.items() if resource is not None}


def build_resources(settings: Settings) -> Resources:
    """The resources of these settings; raises SettingsError for an alert address that cannot be used."""
    gpu = GpuResource(
        device=settings.device,
        dtype=settings.dtype,
        memory_share=settings.memory_share,
        micro_batch=settings.micro_batch,
    )
    clip = ClipResource(
        model=clip_model(settings.clip),
        hybrid_image_weight=settings.hybrid_image_weight,
        gpu=gpu,
    )
    labels = str(settings.own_labels) if settings.own_labels else None
    shop = shop_profile(settings)
    return Resources(
        shop=shop,
        gpu=gpu,
        tables=TablesResource(uri=settings.tables_uri),
        io_manager=DeltaIOManager(settings.tables_uri, _tables_of(shop)),
        index=IndexResource(uri=settings.index_uri),
        catalog=CatalogResource(
            source=str(settings.source or ""),
            photos=str(settings.photos_root),
            source_photos=str(settings.source_photos_root),
            allow_mass_withdrawal=settings.allow_mass_withdrawal,
        ),
        prompts=PromptsResource(folder=str(settings.prompts or default_prompts_folder())),
        vlm=_vlm_resource(settings, gpu, clip, shop),
        clip=clip,
        compute=_compute_resource(settings),
        alerting=AlertsResource.with_addresses(
            settings.alerts.get_secret_value() if settings.alerts else "",
            alert_on=settings.alert_on,
            ui_url=settings.ui_url,
            lock_file=str(settings.alerts_lock),
        ),
        labels=LabelsResource(file=labels),
        reports=ReportsResource(folder=str(settings.reports_folder), labels=labels),
        vector_search=_vector_search_resource(settings),
    )


def _vector_search_resource(settings: Settings) -> "VectorSearchResource | None":
    """The delta-sync indexes, in the only profile that has them."""
    if not settings.has_delta_sync_indexes:
        return None
    from fashion_assets.search.databricks.resources import VectorSearchResource

    for name in ("databricks_catalog", "databricks_schema"):
        if getattr(settings, name) is None:
            raise SettingsError(
                value=f"FASHION_{name.upper()} is not set",
                rule="the profile `databricks` needs the location of its tables and indexes in Unity Catalog",
                remedy="set it, or set FASHION_PROFILE=local",
            )
    return VectorSearchResource(
        catalog=str(settings.databricks_catalog),
        schema_name=str(settings.databricks_schema),
        endpoint=settings.databricks_endpoint,
        timeout_minutes=settings.databricks_timeout,
    )


def _compute_resource(settings: Settings) -> ComputeResource:
    """Where batches are computed."""
    backend = chosen(settings)
    if not (settings.computes_on_databricks and backend.runs_on_clusters):
        return ComputeResource()
    return DatabricksCompute(
        volume=str(settings.databricks_volume),
        prompts=str(settings.prompts or default_prompts_folder()),
        runtime=settings.databricks_runtime,
        node_type=settings.databricks_node_type,
        is_spot=settings.databricks_spot,
        instance_profile=settings.databricks_instance_profile,
        environment=settings.databricks_environment,
        settings=settings_of_cluster(settings, backend.values_for_cluster(settings)),
        batches_per_run=settings.databricks_batches_per_run,
        tries=settings.databricks_tries,
        start_minutes=settings.databricks_timeout,
        run_hours=settings.databricks_run_hours,
    )


def _tables_of(shop: ShopProfile) -> dict[str, AssetTable]:
    """The tables that assets hand to one another, with the columns of the shop's attributes."""
    own = [
        table(shop.taxonomy)
        for table in (
            extraction_tables.attributes_table,
            enrichment_tables.descriptions_table,
            embeddings_tables.embeddings_table,
        )
    ]
    return asset_tables(*_SLICES_TABLES) | {table.asset: table for table in own}


def _vlm_resource(settings: Settings, gpu: GpuResource, clip: ClipResource, shop: ShopProfile) -> VlmResource:
    """The model that looks at photos."""
    model = str(vlm_folder()) if settings.vlm == DEMO else str(settings.vlm)
    return chosen(settings).resource(settings, model, gpu, clip, shop)
