"""What runs on the cluster: the same function that the asset would call, for each batch of the order.

The order arrives through Dagster Pipes, and progress and errors return the same way; rows and figures go into the
tables.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from dagster_pipes import (
    PipesUnityCatalogVolumesContextLoader,
    PipesUnityCatalogVolumesMessageWriter,
    open_dagster_pipes,
)

from fashion_assets.automation.resources import Resources, build_resources
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.compute.tasks import Computed, find_computed, record_computed
from fashion_assets.embeddings.batch import compute_embeddings
from fashion_assets.embeddings.tables import EMBEDDINGS, embeddings_table
from fashion_assets.enrichment.tables import descriptions_table
from fashion_assets.errors import FashionError, ModelError
from fashion_assets.extraction.batch import ExtractionModels, extract_attributes
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, attributes_table
from fashion_assets.settings import load_settings
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import AssetTable

Log = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What is to be computed: each batch names its `source` table and `target`; see `compute.tasks.ComputeTask`."""

    asset: str
    batches: list[dict[str, str]]
    request: str
    only_failed: bool
    models: dict[str, str]
    settings: dict[str, str]


def main() -> None:
    """Compute what the Dagster step ordered; an error of the project is reported to it with its fields."""
    with open_dagster_pipes(
        context_loader=PipesUnityCatalogVolumesContextLoader(), message_writer=PipesUnityCatalogVolumesMessageWriter()
    ) as pipes:
        try:
            compute_batches(Order(**pipes.extras), pipes.log.info)
        except FashionError as error:
            pipes.report_custom_message({"error": error.as_dict()})
            raise


def compute_batches(order: Order, log: Log) -> None:
    """Compute each batch and write its rows, then its record; batches that are on record already are skipped.

    Raises ModelError when a model is not the one that Dagster's side names.
    """
    settings = load_settings(**order.settings)
    resources, store, work = build_resources(settings), TableStore(settings.tables_uri), _WORK[order.asset]
    taxonomy = resources.shop.taxonomy
    sources = {table.name: table for table in (PRODUCTS, INGESTED_PRODUCTS, descriptions_table(taxonomy))}
    output = work.output(taxonomy)
    _require_models(resources, order.models)
    for number, ordered in enumerate(order.batches, start=1):
        batch, target = ordered["batch"], ordered["target"]
        request = order.request if order.only_failed else None
        if find_computed(store, output, batch, target, request):
            log(f"{batch} has been computed before; {number} of {len(order.batches)} batches are done")
            continue
        rows = store.read(sources[ordered["source"]], batch)
        context = BatchContext(batch, store, resources.catalog.photos_root, log)
        computed = work.compute(resources, context, rows, order.only_failed)
        store.merge(output, computed.rows, batch)
        record_computed(store, output, batch, target, order.request, computed.figures)
        log(f"{batch} is computed; {number} of {len(order.batches)} batches are done")


def _require_models(resources: Resources, expected: Mapping[str, str]) -> None:
    """Raise ModelError unless the models are those that the rows are to name."""
    models = {
        "vlm": (resources.vlm.load, lambda: resources.vlm.identity().model_id),
        "clip": (resources.clip.load, resources.clip.model_identity),
    }
    for name, expected_identity in expected.items():
        load, identity = models[name]
        load()  # before `identity`: a downloaded model has its revision only then
        if (loaded_identity := identity()) != expected_identity:
            raise ModelError(
                value=(
                    f"FASHION_{name.upper()} is '{loaded_identity}' on the cluster and '{expected_identity}' where "
                    "Dagster runs"
                ),
                rule="rows must name one model",
                remedy="copy the same model into the volume (FASHION_DATABRICKS_FOLDERS) and to the machine of Dagster",
            )


def _extract(resources: Resources, context: BatchContext, products: pl.DataFrame, only_failed: bool) -> Computed:
    questions = resources.prompts.questions(resources.shop.taxonomy)
    models = ExtractionModels(questions, resources.vlm, resources.clip, resources.shop)
    return extract_attributes(context, products, models, only_failed=only_failed)


def _embed(resources: Resources, context: BatchContext, descriptions: pl.DataFrame, only_failed: bool) -> Computed:
    return compute_embeddings(context, descriptions, resources.clip, resources.shop)


@dataclass(frozen=True)
class _Work:
    """Work that can be ordered: an asset's table, whose columns follow the taxonomy, and what computes its rows."""

    output: Callable[[Taxonomy], AssetTable]
    compute: Callable[[Resources, BatchContext, pl.DataFrame, bool], Computed]


_WORK = {
    EXTRACTED_ATTRIBUTES.asset: _Work(attributes_table, _extract),
    EMBEDDINGS.asset: _Work(embeddings_table, _embed),
}
"""By asset."""
