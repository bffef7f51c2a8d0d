"""The search quality as an asset: the figures of the live index version."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, ResourceParam, asset

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.gates.asset_checks import check_results, check_spec
from fashion_assets.gates.history import record_judgements
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.io_manager import table_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.progress import reporting
from fashion_assets.search.assets import GROUP, SearchResources
from fashion_assets.search.index.versions import INDEXES, open_live
from fashion_assets.search.offline.evaluate import enrichment_difference, measure, query_set, served_ndcg
from fashion_assets.search.offline.tables import ENRICHMENT_PAYS, FIGURES, SEARCH_QUALITY, record_figures

if TYPE_CHECKING:
    from fashion_assets.search.offline.compare import Interval

_WHY_PAYS = "Enriched descriptions should not answer worse, by more than chance, than the catalog's own words."


@asset(
    deps=[*INDEXES, INGESTED_PRODUCTS.asset],
    group_name=GROUP,
    kinds={"lancedb", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    metadata=table_metadata(SEARCH_QUALITY),
    check_specs=[check_spec(SEARCH_QUALITY.asset, ENRICHMENT_PAYS, _WHY_PAYS, is_blocking=False, partitions_def=None)],
)
def search_quality(
    context: AssetExecutionContext, search: ResourceParam[SearchResources]
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """How well the live searches answer queries in the catalog's own words, baseline compared with enriched.

    Queries and relevance come from metadata, labels and names, never from extracted attributes.
    """
    from fashion_assets.models.clip.text_vectors import TextVectors
    from fashion_assets.search.offline.compare import judge_enrichment  # NumPy: not at import of the definitions

    store, now = search.tables.store(), datetime.now(UTC)
    table = open_live(search.index.uri)
    with reporting("measuring the search quality", context.log.info):
        queries = query_set(store, search.labels.path, taxonomy=search.shop.taxonomy)
        vectors = TextVectors(store, search.clip.model_identity(), search.clip.load)
        figures = measure(table, vectors, queries, search.shop)
    record_figures(store, table.version, figures, now)
    difference = enrichment_difference(figures)
    not_measured = {"not_measured": queries.why_none} if queries.why_none else {}
    yield MaterializeResult(metadata={"index_version": table.version, **_metadata(figures, difference), **not_measured})
    judgements = [judge_enrichment(difference, queries.why_none)]
    record_judgements(store, SEARCH_QUALITY.asset, judgements, now)
    yield from check_results(SEARCH_QUALITY.asset, judgements)


def _metadata(figures: pl.DataFrame, difference: "Interval") -> AssetMetadata:
    shown = figures.with_columns(pl.col("value", "low", "high").round(3))
    return {
        "figures": MetadataValue.md(table_preview(shown, list(FIGURES), most_rows=len(shown))),
        "queries": difference.queries,
        **{f"ndcg_at_10_of_{index}": value for index, value in served_ndcg(figures).items()},  # for the UI's plots
    }
