"""The rows that the delta-sync indexes should hold, counted in the embeddings table that they sync from."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.errors import IndexRefused
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.storage.store import TableStore

CHANGE_FEED = "delta.enableChangeDataFeed"


@dataclass(frozen=True)
class IndexedRows:
    """The source at its Delta `version`: all `rows`, those `with_vector` by index, and the vectors' `dimension`."""

    version: int
    rows: int
    dimension: int
    with_vector: Mapping[str, int]


def source_rows(store: TableStore) -> IndexedRows:
    """Count the rows of the embeddings table.

    Raises IndexRefused if it is empty, holds vectors of two dimensions, which no index can, or has no change feed,
    which the sync reads. Vectors of two models with the same dimension can be synced: searches filter by model.
    """
    version = store.version(EMBEDDINGS)
    dimensions = store.read(EMBEDDINGS, columns=["embedding_dimension"])["embedding_dimension"]
    distinct = dimensions.unique().sort().to_list()
    if not distinct:
        raise IndexRefused(
            value="There are no embeddings to index yet",
            rule="an index is made of them",
            remedy="run `fashion run` first",
        )
    if len(distinct) > 1:
        raise IndexRefused(
            value=f"The embeddings have the dimensions {distinct}",
            rule="an index holds vectors of one",
            remedy="run the batches whose vectors are of an older model again",
        )
    if store.ensure(EMBEDDINGS).metadata().configuration.get(CHANGE_FEED) != "true":
        raise IndexRefused(
            value=f"The table '{EMBEDDINGS.name}' has no change data feed",
            rule="delta-sync indexes read it",
            remedy=f"run `ALTER TABLE {EMBEDDINGS.name} SET TBLPROPERTIES ({CHANGE_FEED} = true)`",
        )
    parts = store.read_in_parts(EMBEDDINGS, list(VECTOR_COLUMNS))
    vectors = pl.concat(part.select(pl.col(VECTOR_COLUMNS).count()) for part in parts).sum().row(0, named=True)
    return IndexedRows(version, len(dimensions), distinct[0], {index: vectors[name] for index, name in INDEXES.items()})
