"""The embeddings' asset: one row of vectors per product of a batch."""

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, asset

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.compute.resources import ComputeResource, as_metadata
from fashion_assets.compute.tasks import ComputeTask
from fashion_assets.embeddings.batch import compute_embeddings
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.instance import next_batches
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.quality.verdicts.verdict import attributes_fingerprint, find_verdict, require_passed
from fashion_assets.storage.store import TableStore


@asset(
    partitions_def=BATCHES,
    group_name="embeddings",
    kinds={"python", "openclip", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    metadata=table_metadata(EMBEDDINGS),
)
def clip_embeddings(
    context: AssetExecutionContext,
    catalog: CatalogResource,
    tables: TablesResource,
    clip: ClipResource,
    compute: ComputeResource,
    enriched_descriptions: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """Photo, text and hybrid vectors of each product, for the baseline and for the enriched description.

    Only changed photos and descriptions are embedded again. Refuses a batch whose quality gates did not pass.
    """
    store, batch = tables.store(), context.partition_key
    require_passed(store, batch, store.read(EXTRACTED_ATTRIBUTES, batch))
    work = ComputeTask(
        "clip_embeddings",
        batch,
        ENRICHED_DESCRIPTIONS,
        EMBEDDINGS,
        {"clip": clip.model_identity()},
        next_batches=lambda: [one for one in next_batches(context) if _may_be_embedded(store, one)],
    )
    computed = compute.run(
        context,
        work,
        store,
        lambda: compute_embeddings(batch, enriched_descriptions, catalog.photos_root, clip, store, context.log.info),
    )
    preview = table_preview(computed.rows, ["product_display_name", "embedded_text"], catalog.photos_root)
    return MaterializeResult(
        value=computed.rows, metadata={"preview": MetadataValue.md(preview), **as_metadata(computed.figures)}
    )


def _may_be_embedded(store: TableStore, batch: str) -> bool:
    """Whether the batch has descriptions, made of attributes that may go on."""
    verdict = find_verdict(store, batch, attributes_fingerprint(store.read(EXTRACTED_ATTRIBUTES, batch)))
    is_described = len(store.read(ENRICHED_DESCRIPTIONS, batch, columns=["product_id"])) > 0
    return is_described and verdict is not None and verdict.may_go_on
