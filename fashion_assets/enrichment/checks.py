"""The enrichment's check: most descriptions name a material."""

from datetime import UTC, datetime
from functools import partial

from dagster import AssetCheckExecutionContext, ResourceParam, multi_asset_check

from fashion_assets.catalog.product_names import shop_ids
from fashion_assets.enrichment.describe import MATERIAL_COVERAGE, material_coverage
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS, descriptions_table
from fashion_assets.gates.asset_checks import check_results, check_specs
from fashion_assets.gates.gate import judge_all
from fashion_assets.gates.history import record_judgements
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.shop.profile import ShopProfile


@multi_asset_check(
    specs=check_specs(ENRICHED_DESCRIPTIONS.asset, [MATERIAL_COVERAGE], BATCHES), name="judge_enriched_descriptions"
)
def judge_enriched_descriptions(
    context: AssetCheckExecutionContext, tables: TablesResource, shop: ResourceParam[ShopProfile]
):
    """Judge one batch of descriptions."""
    store = tables.store()
    rows = store.read(descriptions_table(shop.taxonomy), context.partition_key)
    judgements = judge_all([material_coverage(shop)], rows)
    record_judgements(store, ENRICHED_DESCRIPTIONS.asset, judgements, datetime.now(UTC), context.partition_key)
    yield from check_results(ENRICHED_DESCRIPTIONS.asset, judgements, name_products=partial(shop_ids, store))
