"""The extraction's asset: what the model sees in the photos of one batch."""

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, asset

from fashion_assets.batches import BATCHES
from fashion_assets.catalog.previews import table_preview
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.progress import reporting
from fashion_assets.storage.io_manager import TablesResource, table_metadata

_PREVIEWED = ("product_display_name", "material", "pattern", "formality", "collar_type", "sleeve_length")


@asset(
    partitions_def=BATCHES,
    group_name="extraction",
    kinds={"python", "huggingface", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    metadata=table_metadata(EXTRACTED_ATTRIBUTES),
)
def extracted_attributes(
    context: AssetExecutionContext,
    catalog: CatalogResource,
    tables: TablesResource,
    prompts: PromptsResource,
    vlm: VlmResource,
    products: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """What the vision-language model sees in each photo: material, pattern, formality, style, details, garment details.

    Every answer is journalled by its content: a question is asked once per photo, whatever re-runs or crashes.
    A product that fails is a row with its error codes.
    """
    with reporting(f"asking about photos of {context.partition_key}", context.log.info) as progress:
        batch = extract_batch(
            products, catalog.photos_root, prompts.questions(), vlm.load(), Journal(tables.store()), progress
        )
    return MaterializeResult(
        value=batch.rows,
        metadata={
            "preview": MetadataValue.md(table_preview(batch.rows, _PREVIEWED, catalog.photos_root)),
            "extraction_success_rate": batch.rows["extraction_success"].mean(),
            "failures_by_code": MetadataValue.json(batch.failures_by_code),
            "questions_asked": batch.usage.questions_asked,
            "journal_hits": batch.usage.journal_hits,
            "model_seconds": round(batch.usage.model_seconds, 2),
            "tokens_in": batch.usage.prompt_tokens,
            "tokens_out": batch.usage.answer_tokens,
            "device": MetadataValue.json(vlm.describe()),
        },
    )
