"""The interface between a search by vector and the store of the vectors: LanceDB, or Databricks Vector Search."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.hits import Hit
from fashion_assets.search.query.search import checked_query, default_index, embed_query

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from fashion_assets.models.clip.encoder import ImageTextEncoder


class IndexTarget(Protocol):
    """Finds the products nearest to a vector in any of INDEXES, as `query.search_vector` does in a LanceDB version."""

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

        Products without a vector in `index`, outside `filters` or in `excluded_ids` are not found. Raises SearchError
        for an unknown index, a limit outside 1..MAX_LIMIT, and a vector of another dimension, zero, or not finite.
        """
        ...


def search_target(
    target: IndexTarget,
    encoder: ImageTextEncoder,
    *,
    text: str | None = None,
    photo: Image.Image | None = None,
    index: str | None = None,
    filters: Filters | None = None,
    excluded_ids: Collection[int] = (),
    limit: int = 20,
) -> list[Hit]:
    """The `limit` products nearest to `text`, `photo` (RGB), or the middle of both, by the vectors alone; best first.

    `encoder` is the model that made the target's vectors. `index` is by default the image index for a photo alone
    and the enriched hybrid index otherwise. Raises SearchError if there is nothing to search for, or the text is too
    long or not valid text, and as the target does.
    """
    text = checked_query(text, photo)
    vector = embed_query(encoder, text, photo)
    index = index or default_index(text)
    return target.search_vector(vector, index=index, filters=filters, excluded_ids=excluded_ids, limit=limit)
