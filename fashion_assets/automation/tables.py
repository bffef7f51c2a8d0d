"""Every table of a home, as the slices declare them."""

from types import ModuleType

from fashion_assets.alerts import tables as alerts_tables
from fashion_assets.catalog import tables as catalog_tables
from fashion_assets.compute import tasks
from fashion_assets.embeddings import tables as embeddings_tables
from fashion_assets.enrichment import tables as enrichment_tables
from fashion_assets.extraction import pilot_guard
from fashion_assets.extraction import tables as extraction_tables
from fashion_assets.gates import history
from fashion_assets.models.clip import tables as clip_tables
from fashion_assets.quality import tables as quality_tables
from fashion_assets.quality.review import tables as review_tables
from fashion_assets.search import tables as search_tables
from fashion_assets.search.offline import tables as offline_tables
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.table import Table

_DECLARING: tuple[ModuleType, ...] = (
    catalog_tables, extraction_tables, pilot_guard, quality_tables, review_tables, enrichment_tables,
    embeddings_tables, search_tables, offline_tables, history, clip_tables, alerts_tables, tasks,
)  # fmt: skip


def declared_tables(shop: ShopProfile) -> list[Table]:
    """All tables by name, with the columns of the shop's attributes."""
    tables = [value for module in _DECLARING for value in vars(module).values() if isinstance(value, Table)]
    own = [
        extraction_tables.attributes_table(shop.taxonomy),
        enrichment_tables.descriptions_table(shop.taxonomy),
        embeddings_tables.embeddings_table(shop.taxonomy),
    ]
    by_name = {table.name: table for table in [*tables, *own]}
    return [by_name[name] for name in sorted(by_name)]
