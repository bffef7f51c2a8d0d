"""The interface between a query and the search that answers it: LanceDB here, Databricks Vector Search, or another.

A backend holds everything that is the same for all queries: the index version, the model that embeds queries, and the
withdrawn products.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from fashion_assets.search.query.catalog_values import CatalogValues, in_catalog_words, indexed_values
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.hits import Hit
from fashion_assets.search.query.search import default_index, search
from fashion_assets.shop.profile import SHIPPED, ShopProfile

if TYPE_CHECKING:
    from lancedb.table import Table
    from PIL import Image

    from fashion_assets.models.clip.encoder import ImageTextEncoder


@dataclass(frozen=True)
class SearchQuery:
    """A query by `text`, a `photo` (RGB), or the middle of both, among the products that pass the `filters`.

    It returns at most `limit` products. `index` is a name of INDEXES; by default the image index answers a photo alone,
    and the enriched hybrid index everything else.
    """

    text: str | None = None
    photo: Image.Image | None = None
    filters: Filters | None = None
    limit: int = 20
    index: str | None = None

    @property
    def words(self) -> str | None:
        """The text, None if it is blank."""
        return self.text if self.text and self.text.strip() else None

    @property
    def answered_by(self) -> str:
        """The index that answers."""
        return self.index or default_index(self.words)


class SearchBackend(Protocol):
    """Answers queries; `index_version` is that of the LanceDB index, None for a backend without versions."""

    @property
    def index_version(self) -> int | None: ...

    def search(self, query: SearchQuery) -> list[Hit]:
        """The products that fit the query, best first, with cosine similarities as scores; withdrawn ones are excluded.

        Raises SearchError if there is nothing to search for, the text is too long or not valid text, the index is
        unknown, the limit is outside 1..MAX_LIMIT, a filter names a value that the catalog does not have, or the
        encoder is not the model that made the index. Case and accents of filters do not matter.
        """
        ...


@dataclass(frozen=True)
class LanceBackend:
    """A version of the LanceDB index, pinned by `open_live`; texts are ranked by `served_rankings`.

    `shop` is the profile that the index was built with.
    """

    table: Table
    encoder: ImageTextEncoder
    excluded_ids: Collection[int] = ()
    shop: ShopProfile = SHIPPED

    @property
    def index_version(self) -> int:
        return self.table.version

    @cached_property
    def values(self) -> CatalogValues:
        """What filters may name; read when first needed, as the version never changes."""
        return indexed_values(self.table)

    def search(self, query: SearchQuery) -> list[Hit]:
        """See SearchBackend."""
        filters = in_catalog_words(query.filters, lambda: self.values, self.shop.language)
        return search(
            self.table,
            self.encoder,
            text=query.text,
            photo=query.photo,
            index=query.index,
            filters=filters,
            excluded_ids=self.excluded_ids,
            limit=query.limit,
            taxonomy=self.shop.taxonomy,
            language=self.shop.language,
        )
