"""Products of an index that are no longer on sale: searches exclude them until the index is up to date."""

from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.search.index.versions import indexed_ids, without
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from lancedb.table import Table


def withdrawn_ids(store: TableStore, table: "Table") -> set[int]:
    """The products in the index version `table` that are missing from the last ingest."""
    return set(without(indexed_ids(table), _on_sale(store)))


def withdrawn_embedded_ids(store: TableStore) -> set[int]:
    """The products that still have embeddings, but are missing from the last ingest."""
    return set(without(store.read(EMBEDDINGS, columns=["product_id"])["product_id"], _on_sale(store)))


def _on_sale(store: TableStore) -> pl.Series:
    return store.read(INGESTED_PRODUCTS, columns=["product_id"])["product_id"]
