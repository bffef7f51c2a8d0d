"""The versions of a shop's search index: listing, measuring, rolling back, and promoting one that was refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.app.search import require_live
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.search.index.decisions import PromotedByHand, promote_refused, roll_back
from fashion_assets.search.index.health import loss_named
from fashion_assets.search.index.versions import BuiltIndex, open_live
from fashion_assets.search.offline.evaluate import measure, query_set
from fashion_assets.search.offline.queries import ASKED_ABOUT, QUERIES, lacking_for_queries
from fashion_assets.search.tables import live_promotion, promotions
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder


@dataclass(frozen=True)
class IndexVersion:
    """A version that was promoted or refused: when, its number of products, its embedding model, and why."""

    version: int
    decided_at: datetime
    products: int
    embedding_model: str
    reason: str
    is_live: bool


@dataclass(frozen=True)
class Rollback:
    """The version that was live before, and the one that is live again."""

    left: int
    live: BuiltIndex


class IndexVersions:
    """The search index of one shop."""

    def __init__(self, settings: Settings, store: TableStore):
        self._settings = settings
        self._store = store

    def versions(self) -> list[IndexVersion]:
        """Every version that was promoted or refused, the latest first."""
        live, records = live_promotion(self._store), promotions(self._store).reverse().to_dicts()
        return [
            IndexVersion(
                version=record["index_version"],
                decided_at=record["promoted_at"],
                products=record["rows"],
                embedding_model=record["embedding_model"],
                reason=record["reason"],
                is_live=record == live and record not in records[:place],
            )
            for place, record in enumerate(records)
        ]

    def roll_back(self, by: str, reason: str, version: int | None = None) -> Rollback:
        """Serve `version` again, by default the one that was live before, and record who decided that and why.

        Raises IndexRefused when there is no such version to go back to, or no person or reason is named; IndexBusy
        while another process is writing the index; IndexMissing when nothing is live.
        """
        left, live = roll_back(self._store, self._settings.index_uri, version, by, reason, datetime.now(UTC))
        return Rollback(left, live)

    def promote(self, by: str, reason: str, version: int | None = None) -> PromotedByHand:
        """Serve `version`, by default the last one, although its checks refused it, and record who decided that.

        Raises IndexRefused when it was not refused, does not exist any more, or no person or reason is named; IndexBusy
        while another process is writing the index.
        """
        return promote_refused(self._store, self._settings.index_uri, version, by, reason, datetime.now(UTC))


def evaluate_live_search(
    settings: Settings, store: TableStore, encoder: "Callable[[], ImageTextEncoder]", queries: int = QUERIES
) -> pl.DataFrame:
    """The figures (FIGURES schema) of the live version; raises IndexMissing when there is none.

    `encoder` loads the model that embeds the queries; it is called only when there is a live version.
    """
    live = require_live(store)
    from fashion_assets.models.clip.text_vectors import TextVectors  # NumPy

    query_cases, model, version = query_set(store, settings.own_labels, queries), encoder(), live["index_version"]
    vectors = TextVectors(store, model.model_id, lambda: model, is_kept=False)
    with loss_named(settings.index_uri, version):
        return measure(open_live(settings.index_uri, version), vectors, query_cases)


def why_not_measured(store: TableStore) -> str:
    """What the catalog lacks where no query can be made from it, as "no colour"."""
    return lacking_for_queries(store.read(INGESTED_PRODUCTS, columns=list(ASKED_ABOUT)))
