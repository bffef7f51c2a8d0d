"""Searching in a shop: texts and photos in, typed hits out, from backends that are opened once and kept.

The search slice answers the queries. Nothing here needs Dagster (Databricks Vector Search takes its address from the
resources), and a text needs no photo code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.demo.clip_words import unknown_words
from fashion_assets.demo.models import clip_model
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import IndexMissing, SearchError, SettingsError
from fashion_assets.search.index.health import loss_named
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.index.withdrawals import withdrawn_embedded_ids, withdrawn_ids
from fashion_assets.search.query.backend import LanceBackend, SearchBackend, SearchQuery
from fashion_assets.search.query.by_id import BY_ID
from fashion_assets.search.query.catalog_values import embedded_values
from fashion_assets.search.query.expansion import expand
from fashion_assets.search.query.filters import Filters, parse_filters
from fashion_assets.search.query.hits import Hit as Hit
from fashion_assets.search.tables import INDEX_PROMOTIONS, live_promotion
from fashion_assets.settings import DEMO, Settings
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from PIL import Image

    from fashion_assets.models.clip.encoder import ImageTextEncoder
    from fashion_assets.search.databricks.resources import VectorSearchResource
    from fashion_assets.storage.table import Table

LANCEDB, DATABRICKS = "lancedb", "databricks"
BackendName = Literal["lancedb", "databricks"]
Opened = TypeVar("Opened")


@dataclass(frozen=True)
class SearchResult:
    """The `hits`, best first, of `query` in `index`.

    `index_version` is that of the LanceDB index (None in Databricks), `expanded` maps words of the text to the synonyms
    that were added, and `unknown_words` are those that the demo CLIP has never seen. A notebook displays the photos.
    """

    query: SearchQuery
    hits: tuple[Hit, ...]
    index: str
    index_version: int | None
    expanded: Mapping[str, tuple[str, ...]]
    unknown_words: tuple[str, ...]
    photos_root: Path

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, place: int) -> Hit:
        return self.hits[place]

    def __repr__(self) -> str:
        subject = repr(self.query.text) if self.query.words else "a photo"
        lines = [
            f"{hit.shop_id or hit.product_id}  {hit.product_display_name}  ({hit.why.words()})" for hit in self.hits
        ]
        return "\n".join([f"<SearchResult: {len(self.hits)} products for {subject} in {self.index}>", *lines])

    def _repr_html_(self) -> str:
        from fashion_assets.app.notebook import hits_as_html

        return hits_as_html(self)

    def as_dict(self) -> dict[str, object]:
        """The JSON form, without the photo of the query."""
        return {"text": self.query.text, "index": self.index, "index_version": self.index_version, "hits": self.hits}


@dataclass(frozen=True)
class SearchComparison:
    """The results of one query in several indexes, by the names of the indexes."""

    by_index: Mapping[str, SearchResult]

    def as_dict(self) -> dict[str, tuple[Hit, ...]]:
        """The hits by index."""
        return {index: result.hits for index, result in self.by_index.items()}


class _Kept(NamedTuple, Generic[Opened]):
    """What was opened, and the versions that its tables had then."""

    versions: tuple[int, ...]
    opened: Opened


class Backends:
    """The backends of one shop, each opened on first use, and opened again only when its tables have changed.

    Withdrawn products are determined at the same time and not for each query, because that reads all ids.
    """

    def __init__(
        self,
        settings: Settings,
        store: TableStore,
        encoder: Callable[[], ImageTextEncoder],
        vector_search: Callable[[], VectorSearchResource | None],
        shop: ShopProfile = SHIPPED,
    ):
        self._settings = settings
        self._store = store
        self._encoder = encoder
        self._vector_search = vector_search
        self.shop = shop
        self._lance: _Kept[LanceBackend] | None = None
        self._databricks: _Kept[SearchBackend] | None = None

    def lance(self) -> LanceBackend:
        """The live version of the LanceDB index; raises IndexMissing before the first promotion."""
        versions = self._versions(INDEX_PROMOTIONS, INGESTED_PRODUCTS)
        if self._lance is None or self._lance.versions != versions:
            live = require_live(self._store)
            encoder = self._encoder()
            with self.loss_named(live["index_version"]):
                table = open_live(self._settings.index_uri, live["index_version"])
                withdrawn = withdrawn_ids(self._store, table)
            self._lance = _Kept(versions, LanceBackend(table, encoder, withdrawn, self.shop))
        return self._lance.opened

    def databricks(self) -> SearchBackend:
        """The delta-sync indexes; raises SettingsError when the profile has none."""
        if not self._settings.has_delta_sync_indexes or (vector_search := self._vector_search()) is None:
            raise SettingsError(
                value=f"FASHION_PROFILE is '{self._settings.profile}', which has no Databricks Vector Search",
                rule="the backend `databricks` (--databricks) searches there",
                remedy="set FASHION_PROFILE=databricks",
            )
        versions = self._versions(EMBEDDINGS, INGESTED_PRODUCTS)
        if self._databricks is None or self._databricks.versions != versions:
            from fashion_assets.search.databricks.target import DeltaSyncBackend

            encoder = self._encoder()
            withdrawn, values = withdrawn_embedded_ids(self._store), cache(partial(embedded_values, self._store))
            backend = DeltaSyncBackend(
                vector_search.target(encoder), encoder, withdrawn, values, language=self.shop.language
            )
            self._databricks = _Kept(versions, backend)
        return self._databricks.opened

    @contextmanager
    def loss_named(self, version: int | None) -> Iterator[None]:
        """Raises IndexMissing if the block failed because the index is damaged; it is opened again on the next use."""
        try:
            with nullcontext() if version is None else loss_named(self._settings.index_uri, version):
                yield
        except IndexMissing:
            self._lance = None
            raise

    def _versions(self, *tables: Table) -> tuple[int, ...]:
        return tuple(self._store.version(table) for table in tables)


def answer(settings: Settings, backends: Backends, query: SearchQuery, backend: BackendName = LANCEDB) -> SearchResult:
    """The hits of `query` in the live version of the LanceDB index, or in Databricks, with what explains them.

    Raises SearchError for an unknown backend and for a query that cannot be answered, IndexMissing when nothing is
    indexed, and SettingsError when the profile has no indexes in Databricks.
    """
    if backend not in (LANCEDB, DATABRICKS):
        raise SearchError(
            value=f"The backend '{backend}' is unknown",
            rule="a search needs one of the project's backends",
            remedy=f"use one of {LANCEDB}, {DATABRICKS}",
        )
    opened = backends.lance() if backend == LANCEDB else backends.databricks()
    with backends.loss_named(opened.index_version):
        words, hits = query.words, tuple(opened.search(query))
    is_by_id = bool(hits) and BY_ID in hits[0].why.boosts
    return SearchResult(
        query=query,
        hits=hits,
        index=query.answered_by,
        index_version=opened.index_version,
        expanded=expand(words, backends.shop.taxonomy, backends.shop.language).added if words else {},
        unknown_words=() if is_by_id else unexplained_words(settings, words, backends.shop),
        photos_root=settings.photos_root,
    )


def read_query(
    text: str | None,
    photo: Path | str | Image.Image | None,
    filters: Sequence[str] | Filters,
    limit: int,
    index: str | None,
) -> SearchQuery:
    """The query made of what the user gave; raises SearchError for a filter or a photo that cannot be used."""
    conditions = filters if isinstance(filters, Filters) else parse_filters(filters)
    return SearchQuery(text, _open(photo) if isinstance(photo, str | Path) else photo, conditions, limit, index)


def encoder_of(settings: Settings) -> ImageTextEncoder:
    """The CLIP model of the settings, loaded once per process; raises ModelError when it cannot be loaded."""
    from fashion_assets.models.clip.loading import shared_encoder
    from fashion_assets.models.device import plan_device

    plan = plan_device(settings.device, settings.dtype, settings.memory_share, settings.micro_batch)
    return shared_encoder(clip_model(settings.clip), plan)


def unexplained_words(settings: Settings, text: str | None, shop: ShopProfile = SHIPPED) -> tuple[str, ...]:
    """The words that the demo CLIP has never seen and that have no synonyms; always empty for other models."""
    if not text or settings.clip != DEMO:
        return ()
    explained = " ".join(expand(text, shop.taxonomy, shop.language).added).lower().split()
    return tuple(word for word in unknown_words(text) if word not in explained)


def require_live(store: TableStore) -> dict:
    """The record of the live index version; raises IndexMissing before the first promotion."""
    live = live_promotion(store)
    if live is None:
        raise IndexMissing(
            value="Nothing is indexed yet",
            rule="a search needs an index",
            remedy="run `fashion run` first, or `make demo`",
        )
    return live


def _open(photo: str | Path) -> Image.Image:
    from fashion_assets.models.photos import PhotoProblem, open_photo

    try:
        return open_photo(Path(photo))
    except PhotoProblem as problem:
        raise SearchError(
            value=f"photo (--image) is '{photo}', which cannot be used ({problem.reason})",
            rule="it must be a photo that can be read",
            remedy="give another file",
        ) from problem
