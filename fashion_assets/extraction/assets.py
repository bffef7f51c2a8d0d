"""The extraction's asset: what the model sees in the photos of one batch."""

import polars as pl
from dagster import AssetExecutionContext, Config, MaterializeResult, MetadataValue, asset
from pydantic import Field

from fashion_assets.batches import BATCHES
from fashion_assets.catalog.previews import table_preview
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.clip.resources import ClipResource
from fashion_assets.extraction.batch import look_at_batch
from fashion_assets.extraction.cost import cost_figures
from fashion_assets.extraction.pilot_guard import FORCE_TAG, PilotGuard, is_part_of_backfill
from fashion_assets.extraction.questions import prompts_version
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.retries import failures_by_code
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gpu import peak_memory_bytes
from fashion_assets.progress import reporting
from fashion_assets.storage.io_manager import TablesResource, table_metadata

_PREVIEWED = (
    "product_display_name",
    "material",
    "clip_material",
    "pattern",
    "formality",
    "collar_type",
    "sleeve_length",
)


ONLY_FAILED_TAG = "fashion/only_failed"
"""With the value `true` on a run: as `only_failed` in the config."""


class ExtractionConfig(Config):
    """What one run is to ask."""

    only_failed: bool = Field(
        False, description="Ask about the products whose stored row failed (or is missing), and keep all other rows."
    )
    force: bool = Field(
        False, description="Ask although no pilot of these prompts and this model has said PROCEED (job `pilot`)."
    )


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
    config: ExtractionConfig,
    catalog: CatalogResource,
    tables: TablesResource,
    prompts: PromptsResource,
    vlm: VlmResource,
    clip: ClipResource,
    products: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """What the vision-language model sees in each photo: material, pattern, formality, style, details, garment details.

    Every answer is journalled by its content: a question is asked once per photo, whatever re-runs or crashes.
    A product that fails is a row with its error codes; `only_failed` asks such products again alone. Beside the
    model's answers stands the second opinion of the CLIP model. More than one batch needs a pilot that said PROCEED.
    """
    store, batch_name, device = tables.store(), context.partition_key, vlm.describe()
    stored = store.read(EXTRACTED_ATTRIBUTES, batch_name)
    is_forced = config.force or context.run.tags.get(FORCE_TAG) == "true"
    is_retry = config.only_failed or context.run.tags.get(ONLY_FAILED_TAG) == "true"
    if not is_forced and not (is_retry and len(stored)):
        guard = PilotGuard.of(store, prompts_version(prompts.questions()), vlm.identity().model_id)
        if guard.refuses(batch_name, is_part_of_backfill(context.run.tags)):
            raise guard.refusal()
    with reporting(f"loading the models for {batch_name}", context.log.info):
        vlm.load()
        encoder = clip.load()
    batch = look_at_batch(
        products,
        stored,
        catalog.photos_root,
        prompts.questions(),
        vlm,
        encoder,
        store,
        is_retry,
        lambda what: reporting(f"{what} of {batch_name}", context.log.info),
    )
    return MaterializeResult(
        value=batch.rows,
        metadata={
            "preview": MetadataValue.md(table_preview(batch.rows, _PREVIEWED, catalog.photos_root)),
            "extraction_success_rate": batch.rows["extraction_success"].mean(),
            "failures_by_code": MetadataValue.json(failures_by_code(batch.rows)),
            "device": MetadataValue.json(device),
            **cost_figures(batch.usage, len(batch.rows), device, peak_memory_bytes(), vlm.price_per_hour),
        },
    )
