"""Queries to the delta-sync indexes: a vector and typed filters in, hits out.

Vector Search ranks by Euclidean distance and scores 1 / (1 + distance^2). All vectors have unit length, so
distance^2 = 2 - 2 * cosine, and hits carry the cosine as they do from LanceDB.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from fashion_assets.compute.workspace import workspace_errors
from fashion_assets.errors import IndexMissing
from fashion_assets.search.databricks.indexes import MODEL_COLUMN, Place
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.query.backend import SearchQuery
from fashion_assets.search.query.filters import PRICE_BOUNDS, WORD_FIELDS, Filters
from fashion_assets.search.query.hits import DESCRIPTION_COLUMN, PRODUCT_COLUMNS, Hit, hit_of
from fashion_assets.search.query.search import MAX_LIMIT, check_query, checked_query, embed_query

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
    ) -> list[Hit]:
        """The `limit` products nearest to `vector` (dimension,), best first, with cosine similarities as scores.

        Excluded products are removed from an answer of up to 1,000 rows, so fewer than `limit` may come back if very
        many are excluded. Raises SearchError for an unknown index, a limit outside 1..MAX_LIMIT, and a vector of
        another dimension, zero, or not finite; IndexMissing if there is no such index, and WorkspaceError if the
        workspace refuses or does not answer.
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
                    filters_json=filters_json(filters, self.embedding_model),
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
    """Answers queries from the delta-sync indexes; `encoder` embeds them, and the vectors alone decide the order."""

    target: DeltaSyncTarget
    encoder: ImageTextEncoder
    excluded_ids: Collection[int] = ()

    @property
    def index_version(self) -> None:
        return None

    def search(self, query: SearchQuery) -> list[Hit]:
        """See SearchBackend; also raises IndexMissing and WorkspaceError, as `DeltaSyncTarget.search_vector` does."""
        text = checked_query(query.text, query.photo)
        return self.target.search_vector(
            embed_query(self.encoder, text, query.photo),
            index=query.answered_by,
            filters=query.filters,
            excluded_ids=self.excluded_ids,
            limit=query.limit,
        )


def filters_json(filters: Filters | None, embedding_model: str) -> str:
    """The filters in the service's form, joined by AND: `{"gender": ["Men"], "price <=": 50.0}`.

    A list matches any of its words.
    """
    conditions: dict[str, object] = {MODEL_COLUMN: embedding_model}
    if filters is not None:
        conditions |= {name: list(getattr(filters, name)) for name in WORD_FIELDS if getattr(filters, name)}
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
