"""The enrichment's asset: descriptions of what a product looks like."""

from dataclasses import dataclass

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, ResourceParam, asset

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.enrichment.describe import describe
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.resource_bundles import bundle
from fashion_assets.quality.labels.corrections import current_corrections
from fashion_assets.quality.verdicts.verdict import require_passed
from fashion_assets.shop.profile import ShopProfile


@dataclass(frozen=True)
class EnrichmentResources:
    """What the enrichment needs: the shop's profile, the catalog and the tables."""

    shop: ShopProfile
    catalog: CatalogResource
    tables: TablesResource


ENRICHMENT = {"enrichment": bundle(EnrichmentResources)}
"""The resource, under the name that assets require."""


@asset(
    partitions_def=BATCHES,
    group_name="enrichment",
    kinds={"polars", "deltalake"},
    owners=["team:merchandising"],
    metadata=table_metadata(ENRICHED_DESCRIPTIONS),  # read at import, before there is a shop: the shipped columns
)
def enriched_descriptions(
    context: AssetExecutionContext,
    enrichment: ResourceParam[EnrichmentResources],
    extracted_attributes: pl.DataFrame,
    consistency_checks: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """Source columns, visual attributes and two descriptions: the catalog's own words, and the rich one.

    People's corrections win over what the shop's table states, and that over the model's answers. Refuses a batch whose
    quality gates did not pass for its present rows.
    """
    store = enrichment.tables.store()
    require_passed(store, context.partition_key, extracted_attributes)
    corrections = current_corrections(store)
    given = store.read(INGESTED_PRODUCTS, context.partition_key, ["product_id", "given"])
    rows = describe(extracted_attributes, consistency_checks, corrections, enrichment.shop, given)
    return MaterializeResult(
        value=rows,
        metadata={
            "preview": MetadataValue.md(
                table_preview(rows, ["baseline_description", "rich_text_description"], enrichment.catalog.photos_root)
            ),
            "needs_review": int(rows["needs_review"].sum()),
            "enriched": int(rows["use_enriched_text"].sum()),
            "corrected": rows["corrections"].count(),
            "stated_by_the_shop": rows["given"].count(),
        },
    )
