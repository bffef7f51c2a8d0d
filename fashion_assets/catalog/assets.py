"""The catalog's assets: one unpartitioned ingest, and the partitioned `products` that all others start from."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetSpec,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
    multi_asset,
)

from fashion_assets.catalog.checks import INGEST_CHECK_SPECS, judge_ingest
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import (
    BATCH_ASSIGNMENTS,
    INGESTED_PRODUCTS,
    PHOTOS,
    PRODUCT_VARIANTS,
    PRODUCTS,
    QUARANTINED_ROWS,
    SOURCE_COLUMN_NAMES,
)
from fashion_assets.gates.asset_checks import check_results
from fashion_assets.gates.history import record_judgements
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.batches import BATCHES, register_batches
from fashion_assets.orchestration.freshness import NIGHTLY
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata, write_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.progress import announce, reporting
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import AssetTable

if TYPE_CHECKING:
    from fashion_assets.catalog.ingest import IngestResult

GROUP = "catalog"
OWNERS = ["team:data-engineering"]
_PREVIEWED = ("shop_id", "product_display_name", "article_type", "base_color")

INGESTED = {
    QUARANTINED_ROWS: "Source rows that cannot be used, each with the reason and the raw line: nothing is dropped.",
    PHOTOS: "Facts about each photo: usable or not, size, hashes, near duplicates.",
    BATCH_ASSIGNMENTS: "Which batch of 1,000 each product belongs to. Append-only: a product never moves.",
    INGESTED_PRODUCTS: "Every accepted product that is on sale, with its batch and its photo's hash.",
    PRODUCT_VARIANTS: "The sizes and ids of products that come in several; none for catalogs without variants.",
}
"""The tables that one ingest writes, with their assets' descriptions."""
_MADE_FROM = {
    INGESTED_PRODUCTS: [PHOTOS.asset, BATCH_ASSIGNMENTS.asset],
    PRODUCT_VARIANTS: [BATCH_ASSIGNMENTS.asset],
}


@multi_asset(
    specs=[
        AssetSpec(
            table.asset,
            deps=_MADE_FROM.get(table, []),
            description=description,
            group_name=GROUP,
            kinds={"polars", "deltalake"},
            owners=OWNERS,
            metadata=table_metadata(table),
            freshness_policy=NIGHTLY if table is INGESTED_PRODUCTS else None,
            skippable=table is PRODUCT_VARIANTS,
        )
        for table, description in INGESTED.items()
    ],
    check_specs=INGEST_CHECK_SPECS,
    pool="ingest",
)
def ingest_catalog(
    context: AssetExecutionContext, catalog: CatalogResource, shop: ResourceParam[ShopProfile], tables: TablesResource
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Read the source once: recover what can be recovered, quarantine the rest, assign products to batches."""
    from fashion_assets.catalog.ingest import ingest  # NumPy and PyArrow: not at import of the definitions

    store, now = tables.store(), datetime.now(UTC)
    source = catalog.open_source(shop.catalog)
    for note in source.notes:
        announce(note, context.log.info)
    with reporting("reading photos", context.log.info) as progress:
        result = ingest(
            source,
            catalog.photo_places(shop.catalog),
            store,
            now,
            progress,
            allow_mass_withdrawal=catalog.allow_mass_withdrawal,
        )
    for line in result.fetched.lines() if result.fetched else ():
        announce(line, context.log.info)
    register_batches(context.instance, result.batches)
    for table in INGESTED:
        if store.version(table) >= 0:
            yield _materialization(store, table, result)
    judgements = judge_ingest(store, result)
    record_judgements(store, INGESTED_PRODUCTS.asset, judgements, datetime.now(UTC))
    yield from check_results(INGESTED_PRODUCTS.asset, judgements)


def _materialization(store: TableStore, table: AssetTable, result: "IngestResult") -> MaterializeResult:
    """The ingest's effect on a table; its version changes only with its rows, else downstream assets would be stale."""
    first_batch = next(iter(store.batches(table)), None) if table.partition_by else None
    rows = store.read(table, first_batch)
    metadata = {
        "dagster/row_count": store.count(table),
        "preview": MetadataValue.md(table_preview(rows, rows.columns[:8])),
        **write_metadata(store, table, result.changes[table.name]),
        **_figures(result)[table.name],
    }
    return MaterializeResult(
        asset_key=table.asset, metadata=metadata, data_version=DataVersion(str(store.version(table)))
    )


def _figures(result: "IngestResult") -> dict[str, AssetMetadata]:
    """The ingest's figures, by the table that they are shown with."""
    return {
        INGESTED_PRODUCTS.name: {
            "rows_in_source": result.rows_in,
            "names_recovered_from_commas": result.recovered_names,
            "values_not_readable": MetadataValue.json(result.unreadable),
        },
        PRODUCT_VARIANTS.name: {"rows_beyond_the_products": result.further_variants},
        QUARANTINED_ROWS.name: {"quarantined_by_kind": MetadataValue.json(result.quarantined_by_kind)},
        PHOTOS.name: {**result.photos_by_status, "near_duplicate_groups": result.duplicate_groups},
        BATCH_ASSIGNMENTS.name: {
            "batches": len(result.batches),
            "new_products": result.new_products,
            "withdrawn_products": result.withdrawn_products,
            "returned_products": result.returned_products,
        },
    }


@asset(
    partitions_def=BATCHES,
    group_name=GROUP,
    kinds={"polars", "deltalake"},
    owners=OWNERS,
    metadata=table_metadata(PRODUCTS),
)
def products(catalog: CatalogResource, ingested_products: pl.DataFrame) -> MaterializeResult[pl.DataFrame]:
    """The products of one batch as the shop describes them, each with the hash of its photo."""
    statuses = dict(ingested_products["photo_status"].value_counts().iter_rows())
    named = ingested_products.with_columns(shop_id=pl.coalesce("shop_id", pl.col("product_id").cast(pl.String)))
    preview = MetadataValue.md(table_preview(named, _PREVIEWED, catalog.photos_root))
    return MaterializeResult(
        value=ingested_products,
        metadata={
            "preview": preview,
            "photos_ok": statuses.get("ok", 0),
            "photos_missing": statuses.get("missing", 0),
            "photos_unreadable": statuses.get("unreadable", 0),
            "photos_blank": statuses.get("blank", 0),
            "columns_with_nulls": ", ".join(n for n in SOURCE_COLUMN_NAMES if ingested_products[n].null_count()),
        },
    )
