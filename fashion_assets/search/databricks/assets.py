"""The delta-sync indexes as an asset of the profile `databricks` only."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, asset

from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.gates.asset_checks import check_results, check_spec
from fashion_assets.gates.history import record_judgements
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.orchestration.progress import reporting
from fashion_assets.search.assets import GROUP
from fashion_assets.search.databricks.indexes import Place
from fashion_assets.search.databricks.resources import VectorSearchResource
from fashion_assets.search.databricks.source import IndexedRows, source_rows
from fashion_assets.search.databricks.sync import ALL_ROWS, SyncedIndex, judge_rows, sync_indexes
from fashion_assets.search.index.versions import INDEXES

ASSET = "delta_sync_indexes"


@asset(
    name=ASSET,
    deps=[*INDEXES, EMBEDDINGS.asset],
    group_name=GROUP,
    kinds={"databricks"},
    owners=["team:ml-engineering"],
    pool="vector_search",
    check_specs=[
        check_spec(ASSET, ALL_ROWS, "Every search in Databricks sees all products.", True, partitions_def=None)
    ],
)
def delta_sync_indexes(
    context: AssetExecutionContext, tables: TablesResource, vector_search: VectorSearchResource
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """The five searches in Databricks Vector Search, synced with the embeddings table in Unity Catalog.

    A missing endpoint or index is created. It runs after the checks of the LanceDB version of the same rows, because
    synced rows are served at once.
    """
    store = tables.store()
    source, place = source_rows(store), vector_search.place(store.location(EMBEDDINGS))
    with reporting("syncing the delta-sync indexes", context.log.info) as progress:
        synced = sync_indexes(
            vector_search.client(), place, source, 60 * vector_search.timeout_minutes, context.log.info, progress
        )
    judgement = judge_rows(synced, source)
    yield MaterializeResult(metadata=_metadata(synced, source, place))
    record_judgements(store, ASSET, [judgement], datetime.now(UTC))
    yield from check_results(ASSET, [judgement])


def _metadata(synced: Mapping[str, SyncedIndex], source: IndexedRows, place: Place) -> AssetMetadata:
    return {
        "dagster/row_count": min(index.status.rows for index in synced.values()),
        "source_rows": source.rows,
        "source_version": source.version,
        "source_table": place.source_table,
        "endpoint": place.endpoint,
        "indexes": MetadataValue.json({name: _shown(name, index, source) for name, index in synced.items()}),
    }


def _shown(index: str, synced: SyncedIndex, source: IndexedRows) -> dict[str, object]:
    return {
        "name": synced.name,
        "rows": synced.status.rows,
        "source_rows_with_vector": source.with_vector[index],
        "state": synced.status.state,
        "source_version": synced.status.version,
        "was_created": synced.was_created,
    }
