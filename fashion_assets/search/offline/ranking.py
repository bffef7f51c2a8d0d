"""What an index version answers to many queries: their vectors, and who is found at which rank."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import SearchError
from fashion_assets.search.index import index_facts
from fashion_assets.search.query import search_vector

if TYPE_CHECKING:
    import numpy as np
    from lancedb.table import Table

    from fashion_assets.clip.encoder import ImageTextEncoder

DEPTH = 20
"""Ranks that are looked at: the first 10 are scored, the 20th bounds the spread of scores."""

TEXTS_AT_A_TIME = 256
RANKING = pl.Schema({"query": pl.Int64, "rank": pl.Int64, "product_id": pl.Int64, "score": pl.Float64})


def embed_queries(table: Table, encoder: ImageTextEncoder, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors (texts, dimension); raises SearchError unless `encoder` is the model that made the index."""
    import numpy as np

    from fashion_assets.clip.encoder import require_sound

    facts = index_facts(table)
    if facts.embedding_model != encoder.model_id:
        raise SearchError(
            f"The queries would be embedded by '{encoder.model_id}', but the index holds vectors of "
            f"'{facts.embedding_model}', and only one model's vectors can be compared; load that model or re-embed."
        )
    parts = [
        require_sound(encoder.embed_texts(texts[start : start + TEXTS_AT_A_TIME]), "queries", encoder)
        for start in range(0, len(texts), TEXTS_AT_A_TIME)
    ]
    return np.concatenate(parts) if parts else np.empty((0, facts.embedding_dimension), dtype=np.float32)


def rank(table: Table, vectors: np.ndarray, index: str, excluded_ids: Collection[int] = ()) -> pl.DataFrame:
    """RANKING rows: for each of `vectors` (queries, dimension), numbered from 0, the DEPTH nearest; rank 1 is best."""
    found = [
        (query, place, hit.product_id, hit.score)
        for query, vector in enumerate(vectors)
        for place, hit in enumerate(
            search_vector(table, vector, index=index, excluded_ids=excluded_ids, limit=DEPTH), start=1
        )
    ]
    return pl.DataFrame(found, schema=RANKING, orient="row")
