"""The extraction's asset: what the model sees in the photos of one batch."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from dagster import AssetExecutionContext, Config, MaterializeResult, MetadataValue, ResourceParam, asset
from pydantic import Field

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.compute.resources import ComputeResource, as_metadata
from fashion_assets.compute.tasks import ComputeTask
from fashion_assets.extraction.batch import ExtractionModels, ExtractionSetup, extract_attributes
from fashion_assets.extraction.pilot_guard import PilotGuard
from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, attributes_table
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.resource_bundles import bundle
from fashion_assets.orchestration.run_tags import FORCE_TAG, ONLY_FAILED_TAG, is_part_of_backfill, is_set
from fashion_assets.orchestration.runs import next_batches
from fashion_assets.shop.given import GIVEN
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.table import AssetTable

_PREVIEWED = (
    "product_display_name",
    "material",
    "clip_material",
    "pattern",
    "formality",
    "collar_type",
    "sleeve_length",
)


class ExtractionConfig(Config):
    """What one run is to infer."""

    only_failed: bool = Field(
        False, description="Infer only products whose stored row failed (or is missing), and keep all other rows."
    )
    force: bool = Field(
        False, description="Infer without a pilot of these prompts and this model that ended in PROCEED (job `pilot`)."
    )


@dataclass(frozen=True)
class ExtractionResources:
    """What the extraction needs: the shop's profile, the catalog, the tables, the prompts and the models."""

    shop: ShopProfile
    catalog: CatalogResource
    tables: TablesResource
    prompts: PromptsResource
    vlm: VlmResource
    clip: ClipResource

    def batch(self, key: str, log: Callable[[str], None]) -> BatchContext:
        return BatchContext(key, self.tables.store(), self.catalog.photos_root, log)

    def models(self) -> ExtractionModels:
        return ExtractionModels(self._questions(), self.vlm, self.clip, self.shop)

    def setup(self) -> ExtractionSetup:
        """Everything but the products, with CLIP loaded; raises ModelError if it cannot be loaded."""
        return ExtractionSetup(
            self._questions(), self.vlm, self.clip.load(), self.tables.store(), self.catalog.photos_root, self.shop
        )

    def pilot_guard(self) -> PilotGuard:
        version = prompts_version(self._questions())
        return PilotGuard.of(self.tables.store(), version, self.vlm.identity().model_id)

    @property
    def table(self) -> AssetTable:
        """The asset's table, with the columns of the shop's attributes."""
        return attributes_table(self.shop.taxonomy)

    def _questions(self) -> list[Question]:
        return self.prompts.questions(self.shop.taxonomy)


EXTRACTION = {"extraction": bundle(ExtractionResources)}
"""The resource, under the name that assets require."""


@asset(
    partitions_def=BATCHES,
    group_name="extraction",
    kinds={"python", "huggingface", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    metadata=table_metadata(EXTRACTED_ATTRIBUTES),  # read at import, before there is a shop: the shipped columns
)
def extracted_attributes(
    context: AssetExecutionContext,
    config: ExtractionConfig,
    extraction: ResourceParam[ExtractionResources],
    compute: ComputeResource,
    products: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """What the vision-language model sees in each photo: material, pattern, formality, style, details, garment details.

    Every answer is journalled by its content: a question is asked once per photo, despite re-runs and crashes.
    A failed product is a row with error codes; `only_failed` retries only those. The rows also have the second opinion
    of the CLIP model. More than one batch needs a pilot that ended in PROCEED.
    """
    batch = extraction.batch(context.partition_key, context.log.info)
    request = _requested(context, config)
    guard = extraction.pilot_guard()
    _require_admission(batch, request, guard)
    computed = compute.run(
        context,
        _task(context, extraction, request, guard),
        lambda: extract_attributes(batch, products, extraction.models(), only_failed=request.only_failed),
    )
    preview = MetadataValue.md(table_preview(computed.rows, _PREVIEWED, batch.photos_root))
    return MaterializeResult(value=computed.rows, metadata={"preview": preview, **as_metadata(computed.figures)})


@dataclass(frozen=True)
class _Request:
    """What this run is to do, according to its config or tags."""

    only_failed: bool
    is_forced: bool
    is_backfill: bool


def _requested(context: AssetExecutionContext, config: ExtractionConfig) -> _Request:
    tags = context.run.tags
    return _Request(
        only_failed=config.only_failed or is_set(ONLY_FAILED_TAG, tags),
        is_forced=config.force or is_set(FORCE_TAG, tags),
        is_backfill=is_part_of_backfill(tags),
    )


def _require_admission(batch: BatchContext, request: _Request, guard: PilotGuard) -> None:
    """Raise PilotRefused unless the batch may be inferred; a retry of a batch that has rows always may."""
    if request.is_forced:
        return
    is_retry = request.only_failed and len(batch.store.read(EXTRACTED_ATTRIBUTES, batch.key, columns=["product_id"]))
    if not is_retry and guard.refuses(batch.key, request.is_backfill):
        raise guard.refusal()


def _task(
    context: AssetExecutionContext, extraction: ExtractionResources, request: _Request, guard: PilotGuard
) -> ComputeTask:
    def admitted_batches() -> list[str]:
        queued = next_batches(context)
        return [batch for batch in queued if request.is_forced or not guard.refuses(batch, is_backfill=True)]

    return ComputeTask(
        batch=context.partition_key,
        store=extraction.tables.store(),
        source=PRODUCTS,
        output=extraction.table,
        models={"vlm": extraction.vlm.identity().model_id, "clip": extraction.clip.model_identity()},
        only_failed=request.only_failed,
        further_columns=(GIVEN,),
        next_batches=admitted_batches,
        next_source=INGESTED_PRODUCTS,  # their `products` may not exist yet
    )
