"""The embeddings' asset: one row of vectors per product of a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, ResourceParam, asset

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.compute.resources import ComputeResource, as_metadata
from fashion_assets.compute.tasks import ComputeTask
from fashion_assets.embeddings.batch import compute_embeddings
from fashion_assets.embeddings.tables import EMBEDDINGS, embeddings_table
from fashion_assets.enrichment.tables import descriptions_table
from fashion_assets.extraction.tables import attributes_table
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.resource_bundles import bundle
from fashion_assets.orchestration.runs import next_batches
from fashion_assets.quality.verdicts.verdict import attributes_fingerprint, find_verdict, require_passed
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.store import TableStore

_PREVIEWED = ("product_display_name", "embedded_text")


@dataclass(frozen=True)
class EmbeddingResources:
    """What embedding needs: the shop's profile, the catalog, the tables and the model."""

    shop: ShopProfile
    catalog: CatalogResource
    tables: TablesResource
    clip: ClipResource

    def batch(self, key: str, log: Callable[[str], None]) -> BatchContext:
        return BatchContext(key, self.tables.store(), self.catalog.photos_root, log)


EMBEDDING = {"embedding": bundle(EmbeddingResources)}
"""The resource, under the name that assets require."""


@asset(
    partitions_def=BATCHES,
    group_name="embeddings",
    kinds={"python", "openclip", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    metadata=table_metadata(EMBEDDINGS),  # read at import, before there is a shop: the shipped columns
)
def clip_embeddings(
    context: AssetExecutionContext,
    embedding: ResourceParam[EmbeddingResources],
    compute: ComputeResource,
    enriched_descriptions: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """Photo, text and hybrid vectors of each product, for the baseline and for the enriched description.

    Only changed photos and descriptions are embedded again. Refuses a batch whose quality gates did not pass.
    """
    batch = embedding.batch(context.partition_key, context.log.info)
    attributes = batch.store.read(attributes_table(embedding.shop.taxonomy), batch.key)
    require_passed(batch.store, batch.key, attributes)
    computed = compute.run(
        context,
        _task(context, embedding),
        lambda: compute_embeddings(batch, enriched_descriptions, embedding.clip, embedding.shop),
    )
    preview = MetadataValue.md(table_preview(computed.rows, _PREVIEWED, batch.photos_root))
    return MaterializeResult(value=computed.rows, metadata={"preview": preview, **as_metadata(computed.figures)})


def _task(context: AssetExecutionContext, embedding: EmbeddingResources) -> ComputeTask:
    store, taxonomy = embedding.tables.store(), embedding.shop.taxonomy
    return ComputeTask(
        batch=context.partition_key,
        store=store,
        source=descriptions_table(taxonomy),
        output=embeddings_table(taxonomy),
        models={"clip": embedding.clip.model_identity()},
        next_batches=lambda: [batch for batch in next_batches(context) if _may_be_embedded(store, batch, taxonomy)],
    )


def _may_be_embedded(store: TableStore, batch: str, taxonomy: Taxonomy) -> bool:
    """Whether the batch has descriptions, made from attributes whose verdict lets them continue."""
    verdict = find_verdict(store, batch, attributes_fingerprint(store.read(attributes_table(taxonomy), batch)))
    is_described = len(store.read(descriptions_table(taxonomy), batch, columns=["product_id"])) > 0
    return is_described and verdict is not None and verdict.may_go_on
