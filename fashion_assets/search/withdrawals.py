"""Which products of an index version are no longer on sale: a search leaves them out while the index is behind."""

from typing import TYPE_CHECKING

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.search.index import indexed_ids
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from lancedb.table import Table


def withdrawn_ids(store: TableStore, table: "Table") -> set[int]:
    """The products in the index version `table` that the last ingest did not find on sale any more."""
    return indexed_ids(table) - set(store.read(INGESTED_PRODUCTS, columns=["product_id"])["product_id"])
