"""The search quality as an asset: the figures of the index version that is live."""

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, asset

from fashion_assets.gates.asset_checks import check_results, check_spec
from fashion_assets.gates.history import record_judgements
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.progress import reporting
from fashion_assets.quality.resources import LabelsResource
from fashion_assets.search.assets import GROUP
from fashion_assets.search.index.versions import INDEXES, open_live
from fashion_assets.search.offline.evaluate import enrichment_difference, measure, query_set, served_ndcg
from fashion_assets.search.offline.tables import ENRICHMENT_PAYS, FIGURES, record_figures
from fashion_assets.search.resources import IndexResource

ASSET = "search_quality"
_WHY_PAYS = "Enriched descriptions should not answer worse, by more than chance, than the catalog's own words."


@asset(
    name=ASSET,
    deps=[*INDEXES, "ingested_products"],
    group_name=GROUP,
    kinds={"lancedb", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    check_specs=[check_spec(ASSET, ENRICHMENT_PAYS, _WHY_PAYS, is_blocking=False, partitions_def=None)],
)
def search_quality(
    context: AssetExecutionContext,
    tables: TablesResource,
    clip: ClipResource,
    index: IndexResource,
    labels: LabelsResource,
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """How well the live searches answer queries made of the catalog's own words, baseline beside enriched.

    Queries and relevance come from metadata, labels and names, never from extracted attributes.
    """
    from fashion_assets.search.offline.compare import judge_enrichment  # NumPy: not at import of the definitions

    store, now = tables.store(), datetime.now(UTC)
    table = open_live(index.uri)
    with reporting("measuring the search quality", context.log.info):
        figures = measure(table, clip.load(), query_set(store, labels.path))
    record_figures(store, table.version, figures, now)
    shown = figures.with_columns(pl.col("value", "low", "high").round(3))
    difference = enrichment_difference(figures)
    yield MaterializeResult(
        metadata={
            "figures": MetadataValue.md(table_preview(shown, list(FIGURES), most_rows=len(shown))),
            "index_version": table.version,
            "queries": difference.queries,
            **{f"ndcg_at_10_of_{index}": value for index, value in served_ndcg(figures).items()},  # for the UI's plots
        }
    )
    judgements = [judge_enrichment(difference)]
    record_judgements(store, ASSET, judgements, now)
    yield from check_results(ASSET, judgements)
