"""The search indexes as assets: five views of one LanceDB table, built and promoted together.

They are not partitioned and have their own job: a batch that its gates stopped does not hold up the others.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from fashion_assets.embeddings.resources import ClipResource
from fashion_assets.gate_checks import check_results, check_spec
from fashion_assets.gate_history import record_judgements
from fashion_assets.search.index import INDEXES
from fashion_assets.search.refresh import IDS, QUERY_TIME, RECALL, refresh_index
from fashion_assets.search.resources import IndexResource
from fashion_assets.storage.io_manager import TablesResource

GROUP = "search"

_DESCRIPTIONS = {
    "vs_image_search": "Search by what photos look like; shared by baseline and enriched searches.",
    "vs_text_search": "Search in the catalog's own words.",
    "vs_hybrid_search": "Search in photos and the catalog's own words together.",
    "vs_text_search_enriched": "Search in the enriched descriptions.",
    "vs_hybrid_search_enriched": "Search in photos and enriched descriptions together: the default.",
}
_CHECKS = (
    (IDS, "The index holds exactly the products that are on sale and embedded.", True),
    (RECALL, "The index finds what exact search finds.", True),
    (QUERY_TIME, "Searching is fast.", False),
)


@multi_asset(
    specs=[
        AssetSpec(
            name,
            deps=["clip_embeddings", "ingested_products"],
            description=description,
            group_name=GROUP,
            kinds={"lancedb"},
            owners=["team:ml-engineering"],
            metadata={"vector_column": INDEXES[name]},
        )
        for name, description in _DESCRIPTIONS.items()
    ],
    check_specs=[
        check_spec(name, check, why, is_blocking, partitions_def=None)
        for name in _DESCRIPTIONS
        for check, why, is_blocking in _CHECKS
    ],
    pool="index",
)
def build_search_indexes(
    context: AssetExecutionContext, tables: TablesResource, clip: ClipResource, index: IndexResource
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Build a new index version beside the live one, judge it, and promote it when nothing failed."""
    store = tables.store()
    refreshed = refresh_index(store, index.uri, clip.model_identity(), datetime.now(UTC))
    for name, judgements in refreshed.judgements.items():
        yield MaterializeResult(
            asset_key=AssetKey(name),
            metadata={
                "dagster/row_count": refreshed.rows,
                "index_version": refreshed.version,
                "was_built": refreshed.was_built,
                "was_promoted": refreshed.was_promoted,
                "vector_column": INDEXES[name],
                "index": MetadataValue.path(index.uri),
            },
        )
        record_judgements(store, name, judgements, datetime.now(UTC))
        yield from check_results(name, judgements)
