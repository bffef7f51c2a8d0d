"""What runs on the cluster: the same function that the asset would call, for each batch that was ordered.

The order comes through Dagster Pipes, and so go progress and errors back; rows and figures go into the tables.
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

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What is to be computed: `batches` name their `source` table and `target`; see `compute.tasks.ComputeTask`."""

    asset: str
    batches: list[dict[str, str]]
    request: str
    only_failed: bool
    models: dict[str, str]
    settings: dict[str, str]


def main() -> None:
    """Compute what the Dagster step ordered; an error of the project is told to it in its own words."""
    with open_dagster_pipes(
        context_loader=PipesUnityCatalogVolumesContextLoader(), message_writer=PipesUnityCatalogVolumesMessageWriter()
    ) as pipes:
        try:
            compute_batches(Order(**pipes.extras), pipes.log.info)
        except FashionError as error:
            pipes.report_custom_message({"error": error.as_dict()})
            raise


def compute_batches(order: Order, say: Say) -> None:
    """Compute each batch and write its rows, then its record; those that are on record already are left out."""
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
            say(f"{batch} was computed before; {number} of {len(order.batches)} batches are done")
            continue
        rows = store.read(sources[ordered["source"]], batch)
        context = BatchContext(batch, store, resources.catalog.photos_root, say)
        computed = work.compute(resources, context, rows, order.only_failed)
        store.merge(output, computed.rows, batch)
        record_computed(store, output, batch, target, order.request, computed.figures)
        say(f"{batch} is computed; {number} of {len(order.batches)} batches are done")


def _require_models(resources: Resources, expected: Mapping[str, str]) -> None:
    """Raise ModelError unless the models are those that the rows are to name."""
    models = {
        "vlm": (resources.vlm.load, lambda: resources.vlm.identity().model_id),
        "clip": (resources.clip.load, resources.clip.model_identity),
    }
    for name, wanted in expected.items():
        load, identity = models[name]
        load()  # before it is asked who it is: a download only then has its revision
        if (found := identity()) != wanted:
            raise ModelError(
                value=f"FASHION_{name.upper()} is '{found}' on the cluster and '{wanted}' where Dagster runs",
                rule="rows must name one model",
                remedy="put one copy of it into the volume (FASHION_DATABRICKS_FOLDERS) and beside Dagster",
            )


def _extract(resources: Resources, context: BatchContext, products: pl.DataFrame, only_failed: bool) -> Computed:
    questions = resources.prompts.questions(resources.shop.taxonomy)
    models = ExtractionModels(questions, resources.vlm, resources.clip, resources.shop)
    return extract_attributes(context, products, models, only_failed=only_failed)


def _embed(resources: Resources, context: BatchContext, descriptions: pl.DataFrame, only_failed: bool) -> Computed:
    return compute_embeddings(context, descriptions, resources.clip, resources.shop)


@dataclass(frozen=True)
class _Work:
    """What may be ordered: the rows of a table, whose columns follow the taxonomy, and the function that makes them."""

    output: Callable[[Taxonomy], AssetTable]
    compute: Callable[[Resources, BatchContext, pl.DataFrame, bool], Computed]


_WORK = {
    EXTRACTED_ATTRIBUTES.asset: _Work(attributes_table, _extract),
    EMBEDDINGS.asset: _Work(embeddings_table, _embed),
}
"""By asset."""
