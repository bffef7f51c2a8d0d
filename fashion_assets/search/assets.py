"""The search indexes as assets: five views of one LanceDB table, built and promoted together.

They are not partitioned and have their own job: a batch that its gates stopped does not delay the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import polars as pl
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    multi_asset,
)

from fashion_assets.catalog.product_names import shop_ids
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.gates.asset_checks import check_results, check_spec
from fashion_assets.gates.history import record_judgements_of_assets
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.freshness import NIGHTLY
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.progress import reporting
from fashion_assets.orchestration.resource_bundles import bundle
from fashion_assets.quality.resources import LabelsResource
from fashion_assets.search.index.declarations import SEARCH_INDEXES
from fashion_assets.search.index.refresh import IDS, QUERY_TIME, RECALL, QualityJudge, RefreshedIndex, refresh_index
from fashion_assets.search.index.versions import INDEXES, open_live
from fashion_assets.search.offline.tables import NOT_WORSE
from fashion_assets.search.query.search import DEFAULT_INDEX, example_search
from fashion_assets.search.resources import IndexResource
from fashion_assets.shop.profile import ShopProfile

GROUP = "search"
_WHY_NOT_WORSE = (
    "A version that answers worse than the live one, by more than chance and by more than the shop's least effect, is "
    "not promoted."
)

_CHECKS = (
    (IDS, "The index holds exactly the products that are on sale and have sound vectors.", True),
    (RECALL, "The index finds what exact search finds.", True),
    (QUERY_TIME, "Searching is fast.", False),
)


@dataclass(frozen=True)
class SearchResources:
    """The resources that build and measure an index."""

    catalog: CatalogResource
    tables: TablesResource
    clip: ClipResource
    index: IndexResource
    labels: LabelsResource
    shop: ShopProfile


SEARCH = {"search": bundle(SearchResources)}
"""The bundled resource, under the name that assets request."""


@multi_asset(
    specs=[
        AssetSpec(
            index.name,
            deps=[EMBEDDINGS.asset, INGESTED_PRODUCTS.asset],
            description=index.description,
            group_name=GROUP,
            kinds={"lancedb"},
            owners=["team:ml-engineering"],
            metadata={"vector_column": index.vector_column},
            freshness_policy=NIGHTLY,
        )
        for index in SEARCH_INDEXES
    ],
    check_specs=[
        check_spec(index.name, check, why, is_blocking, partitions_def=None)
        for index in SEARCH_INDEXES
        for check, why, is_blocking in _CHECKS
    ]
    + [check_spec(DEFAULT_INDEX, NOT_WORSE, _WHY_NOT_WORSE, is_blocking=True, partitions_def=None)],
    pool="index",
)
def build_search_indexes(
    context: AssetExecutionContext, search: ResourceParam[SearchResources]
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Build a new index version while the live one is served, check it, and promote it if no check failed."""
    store, uri = search.tables.store(), search.index.uri
    with reporting("building the search index", context.log.info):
        judge, model = _offline_judge(search), search.clip.model_identity()
        refreshed = refresh_index(store, uri, model, datetime.now(UTC), judge, search.shop)
    record_judgements_of_assets(store, refreshed.judgements, datetime.now(UTC))
    for name, judgements in refreshed.judgements.items():
        preview = _preview(uri, refreshed.version, name, search.catalog.photos_root)
        yield MaterializeResult(asset_key=AssetKey(name), metadata=_metadata(refreshed, name, uri, preview))
        yield from check_results(name, judgements, name_products=partial(shop_ids, store))


def _offline_judge(search: SearchResources) -> QualityJudge:
    """Compares a new version with the live one, by queries that are made from the catalog."""
    from fashion_assets.models.clip.text_vectors import TextVectors
    from fashion_assets.search.offline.compare import judge_offline_quality
    from fashion_assets.search.offline.evaluate import query_set

    shop, store = search.shop, search.tables.store()
    vectors = TextVectors(store, search.clip.model_identity(), search.clip.load)
    queries = query_set(store, search.labels.path, taxonomy=shop.taxonomy)
    return lambda new, live: judge_offline_quality(new, live, vectors, queries.queries, queries.relevance, shop)


def _metadata(refreshed: RefreshedIndex, name: str, uri: str, preview: str) -> AssetMetadata:
    return {
        "preview": MetadataValue.md(preview),
        "dagster/row_count": refreshed.rows,
        "rows_left_out_of_another_model": refreshed.rows_left_out_of_another_model,
        "rows_left_out_as_malformed": refreshed.rows_left_out_as_malformed,
        "index_version": refreshed.version,
        "rows_written": refreshed.rows_written,
        "rows_deleted": refreshed.rows_deleted,
        "was_built": refreshed.was_built,
        "was_promoted": refreshed.was_promoted,
        "vector_column": INDEXES[name],
        "index": MetadataValue.path(uri),
    }


def _preview(uri: str, version: int, name: str, photos_root: Path) -> str:
    """The first product and its nearest neighbours in this index, as a table."""
    hits = example_search(open_live(uri, version), name)
    if not hits:
        return "No product has a vector in this index."
    rows = pl.DataFrame(hits).with_columns(pl.col("score").round(3))
    return table_preview(rows, ["score", "shop_id", "product_display_name", "description"], photos_root)
