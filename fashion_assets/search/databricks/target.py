"""Queries to the delta-sync indexes: a vector and typed filters in, hits out.

Vector Search ranks by Euclidean distance and scores 1 / (1 + distance^2). All vectors have unit length, so
distance^2 = 2 - 2 * cosine, and hits carry the cosine as they do from LanceDB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from fashion_assets.compute.workspace import workspace_errors
from fashion_assets.errors import IndexMissing
from fashion_assets.search.databricks.indexes import MODEL_COLUMN, PRIMARY_KEY, SYNCED_COLUMNS, Place
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.index.words import ID_COLUMNS
from fashion_assets.search.query.backend import SearchQuery
from fashion_assets.search.query.by_id import LONGEST_ID, first_these, key_of, reasons
from fashion_assets.search.query.catalog_values import CatalogValues, in_catalog_words
from fashion_assets.search.query.filters import PRICE_BOUNDS, Filters
from fashion_assets.search.query.hits import DESCRIPTION_COLUMN, PRODUCT_COLUMNS, Hit, hit_of
from fashion_assets.search.query.search import MAX_LIMIT, check_query, checked_query, embed_query
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED

if TYPE_CHECKING:
    import numpy as np
    from databricks.sdk import WorkspaceClient

    from fashion_assets.models.clip.encoder import ImageTextEncoder

SCORE = "score"
"""The column that the service adds to the requested ones."""


@dataclass(frozen=True)
class DeltaSyncTarget:
    """The delta-sync indexes at `place`; only rows of `embedding_model`, with vectors of `dimension`, are found."""

    client: WorkspaceClient
    place: Place
    embedding_model: str
    dimension: int

    def search_vector(
        self,
        vector: np.ndarray,
        *,
        index: str,
        filters: Filters | None = None,
        excluded_ids: Collection[int] = (),
        limit: int = 20,
        of_id: Mapping[str, object] = MappingProxyType({}),
    ) -> list[Hit]:
        """The `limit` products nearest to `vector` (dimension,), best first, with cosine similarities as scores.

        `of_id` are further conditions, from `id_conditions`. Excluded products are removed from an answer of up to
        1,000 rows, so fewer than `limit` may come back if very many are excluded. Raises SearchError for an unknown
        index, a limit outside 1..MAX_LIMIT, and a vector of another dimension, zero, or not finite; IndexMissing if
        there is no such index, and WorkspaceError if the workspace refuses or does not answer.
        """
        from databricks.sdk.errors import NotFound

        check_query(vector, index, limit, self.dimension)
        name = self.place.full_name(index)
        with workspace_errors(f"search the index '{name}'"):
            try:
                answer = self.client.vector_search_indexes.query_index(
                    name,
                    [*PRODUCT_COLUMNS, DESCRIPTION_COLUMN],
                    query_vector=[float(number) for number in vector],
                    filters_json=filters_json(filters, self.embedding_model, of_id),
                    num_results=min(limit + len(excluded_ids), MAX_LIMIT),
                )
            except NotFound as error:
                raise IndexMissing(
                    value=f"Databricks has no index '{name}'",
                    rule="a search needs it",
                    remedy=f"materialize `delta_sync_indexes` to make it from '{INDEXES[index]}'",
                ) from error
        names = [column.name for column in (answer.manifest and answer.manifest.columns) or []]
        rows = (answer.result and answer.result.data_array) or []
        hits = [_hit(dict(zip(names, row, strict=True))) for row in rows]
        return [hit for hit in hits if hit.product_id not in excluded_ids][:limit]


@dataclass(frozen=True)
class DeltaSyncBackend:
    """Answers queries from the delta-sync indexes; `encoder` embeds them, and the vectors alone decide the order.

    `values` reads what filters may name; None: filters are compared exactly as they are.
    """

    target: DeltaSyncTarget
    encoder: ImageTextEncoder
    excluded_ids: Collection[int] = ()
    values: Callable[[], CatalogValues] | None = None
    language: Language = SHIPPED.language

    @property
    def index_version(self) -> None:
        return None

    def search(self, query: SearchQuery) -> list[Hit]:
        """See SearchBackend; also raises IndexMissing and WorkspaceError, as `DeltaSyncTarget.search_vector` does."""
        text = checked_query(query.text, query.photo)
        words = text or ""
        filters = query.filters if self.values is None else in_catalog_words(query.filters, self.values, self.language)
        find = partial(
            self.target.search_vector,
            embed_query(self.encoder, text, query.photo),
            index=query.answered_by,
            filters=filters,
            excluded_ids=self.excluded_ids,
            limit=query.limit,
        )
        named = [
            replace(hit, why=reasons(column, words))
            for column, of_id in id_conditions(words).items()
            for hit in find(of_id={column: of_id})
        ]
        return first_these(named, find(), query.limit)


def id_conditions(text: str) -> dict[str, object]:
    """The synced id columns that may hold `text`, with the spellings to look for: the service cannot ignore case."""
    typed = text.strip()
    if not typed or len(typed) > LONGEST_ID or (len(typed.split()) > 1 and not any(map(str.isdigit, typed))):
        return {}
    spellings = list(dict.fromkeys((typed, typed.lower(), typed.upper())))
    wanted: dict[str, object] = {name: spellings for name in ID_COLUMNS if name in SYNCED_COLUMNS}
    key = key_of(typed)
    wanted[PRIMARY_KEY] = None if key is None else [key]
    return {name: values for name, values in wanted.items() if values}


def filters_json(
    filters: Filters | None, embedding_model: str, of_id: Mapping[str, object] = MappingProxyType({})
) -> str:
    """The filters in the service's form, joined by AND: `{"gender": ["Men"], "price <=": 50.0}`.

    A list matches any of its words.
    """
    conditions: dict[str, object] = {MODEL_COLUMN: embedding_model, **of_id}
    if filters is not None:
        conditions |= {name: list(words) for name, words in filters.words.items()}
        bounds = {f"price {operator}": getattr(filters, bound) for operator, bound in PRICE_BOUNDS.items()}
        conditions |= {condition: bound for condition, bound in bounds.items() if bound is not None}
    return json.dumps(conditions)


def cosine_of(score: float) -> float:
    """The cosine of two unit vectors from the service's score, 1 / (1 + distance^2)."""
    return 1 - (1 / score - 1) / 2


def _hit(row: Mapping) -> Hit:
    """Numbers arrive as text or as floats, ids too."""
    price = None if row["price"] is None else float(row["price"])
    product_id = int(Decimal(str(row["product_id"])))
    return hit_of({**row, "product_id": product_id, "price": price}, cosine_of(float(row[SCORE])))
