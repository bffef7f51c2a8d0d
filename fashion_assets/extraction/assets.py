"""The extraction's asset: what the model sees in the photos of one batch."""

import polars as pl
from dagster import AssetExecutionContext, Config, MaterializeResult, MetadataValue, asset
from pydantic import Field

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.compute.resources import ComputeResource, as_metadata
from fashion_assets.compute.tasks import ComputeTask
from fashion_assets.extraction.batch import extract_attributes
from fashion_assets.extraction.pilot_guard import FORCE_TAG, PilotGuard, is_part_of_backfill
from fashion_assets.extraction.questions import prompts_version
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.instance import next_batches
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.previews import table_preview

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
    compute: ComputeResource,
    products: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """What the vision-language model sees in each photo: material, pattern, formality, style, details, garment details.

    Every answer is journalled by its content: a question is asked once per photo, whatever re-runs or crashes.
    A product that fails is a row with its error codes; `only_failed` asks such products again alone. Beside the
    model's answers stands the second opinion of the CLIP model. More than one batch needs a pilot that said PROCEED.
    """
    store, batch, questions = tables.store(), context.partition_key, prompts.questions()
    guard = PilotGuard.of(store, prompts_version(questions), vlm.identity().model_id)
    is_forced = config.force or context.run.tags.get(FORCE_TAG) == "true"
    only_failed = config.only_failed or context.run.tags.get(ONLY_FAILED_TAG) == "true"
    is_retry = only_failed and len(store.read(EXTRACTED_ATTRIBUTES, batch, columns=["product_id"]))
    if not is_forced and not is_retry and guard.refuses(batch, is_part_of_backfill(context.run.tags)):
        raise guard.refusal()
    work = ComputeTask(
        "extracted_attributes",
        batch,
        PRODUCTS,
        EXTRACTED_ATTRIBUTES,
        {"vlm": vlm.identity().model_id, "clip": clip.model_identity()},
        only_failed,
        lambda: [one for one in next_batches(context) if is_forced or not guard.refuses(one, is_backfill=True)],
        INGESTED_PRODUCTS,
    )
    computed = compute.run(
        context,
        work,
        store,
        lambda: extract_attributes(
            batch,
            products,
            catalog.photos_root,
            questions,
            vlm,
            clip,
            store,
            only_failed,
            context.log.info,
        ),
    )
    preview = MetadataValue.md(table_preview(computed.rows, _PREVIEWED, catalog.photos_root))
    return MaterializeResult(value=computed.rows, metadata={"preview": preview, **as_metadata(computed.figures)})
