"""A shop whose index follows its tables, and a clock that goes on by a minute with each look."""

from datetime import UTC, datetime, timedelta

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.search.index.refresh import refresh_index, stale_reason
from fashion_assets.search.index.versions import indexed_ids, open_live
from fashion_assets.search.tables import live_promotion
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories.embedding_rows import MODEL, color_rows

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BATCH_0 = "batch_00000"
COLORS = ("red", "blue", "green", "white")


class IndexedShop:
    """Products 1 to 4 that are ingested and embedded, and an index that follows them."""

    def __init__(self, store, uri):
        self.store, self.uri, self.now = store, uri, NOON
        self.sell(1, 2, 3, 4)
        self.embed(color_rows(*COLORS))

    def sell(self, *product_ids, price=1.0):
        rows = pl.DataFrame({"product_id": product_ids}, schema={"product_id": pl.Int64})
        rows = rows.with_columns(price=pl.lit(price))
        self.store.merge(INGESTED_PRODUCTS, conform(rows, INGESTED_PRODUCTS), BATCH_0)

    def embed(self, rows):
        self.store.merge(EMBEDDINGS, rows, BATCH_0)

    def is_stale(self, model=MODEL):
        return self.stale_reason(model) is not None

    def stale_reason(self, model=MODEL):
        return stale_reason(self.store, self.uri, model)

    def refresh(self, model=MODEL):
        return refresh_index(self.store, self.uri, model, self.later())

    def later(self):
        """A minute after the last time that this was asked."""
        self.now += timedelta(minutes=1)
        return self.now

    def live_ids(self):
        return set(indexed_ids(open_live(self.uri, live_promotion(self.store)["index_version"])))
