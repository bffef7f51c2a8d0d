"""One search: a text, a photo, or both, to the products nearest in one of the indexes.

Whatever LanceDB would answer with silence (a zero or NaN vector, vectors of another model) or with a guess (which
vector column is meant) is checked or said here. Re-ranking and query expansion are not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_assets.clip.vectors import normalise
from fashion_assets.errors import SearchError
from fashion_assets.search.filters import Filters
from fashion_assets.search.index import INDEXES, index_facts

if TYPE_CHECKING:
    import numpy as np
    from lancedb.expr import Expr
    from lancedb.table import Table
    from PIL import Image

    from fashion_assets.clip.encoder import ImageTextEncoder

DEFAULT_INDEX = "vs_hybrid_search_enriched"
PHOTO_INDEX = "vs_image_search"
MAX_LIMIT = 1000

REFINE_FACTOR = 3
"""Candidates per wanted row whose exact distance is computed: undoes the 8-bit rounding of the stored index."""

MIN_EF = 100
"""Breadth of the walk through the index's graph; recall@20 is 1.0 with it, filtered or not."""


@dataclass(frozen=True)
class Hit:
    """A found product. `score` is the cosine similarity, -1..1; `description` is the text that was embedded."""

    product_id: int
    product_display_name: str | None
    score: float
    master_category: str | None
    sub_category: str | None
    article_type: str | None
    base_color: str | None
    gender: str | None
    season: str | None
    usage: str | None
    price: float | None
    image_path: str | None
    description: str


_COPIED = tuple(name for name in Hit.__dataclass_fields__ if name not in ("score", "description"))


def search(
    table: Table,
    encoder: ImageTextEncoder,
    *,
    text: str | None = None,
    photo: Image.Image | None = None,
    index: str | None = None,
    filters: Filters | None = None,
    excluded_ids: Collection[int] = (),
    limit: int = 20,
) -> list[Hit]:
    """The `limit` products nearest to `text`, to `photo` (RGB), or to the middle of both; best first.

    `table` is a version pinned by `open_live`. `index` is a name of INDEXES, by default the image index for a lone
    photo and the enriched hybrid index otherwise; products among `excluded_ids` are never found. Raises SearchError
    when there is nothing to search for, or `encoder` is not the model that made the index, and as `search_vector` does.
    """
    import numpy as np

    facts = index_facts(table)
    if facts.embedding_model != encoder.model_id:
        raise SearchError(
            f"The query would be embedded by '{encoder.model_id}', but the index holds vectors of "
            f"'{facts.embedding_model}', and only one model's vectors can be compared; load that model or re-embed."
        )
    has_text = bool(text and text.strip())
    if not has_text and photo is None:
        raise SearchError(f"The query {text!r} is empty; give a text with words in it, or a photo.")
    vectors = [encoder.embed_texts([text])] if has_text else []
    if photo is not None:
        vectors.append(encoder.embed_photos([photo]))
    vector = normalise(np.mean(vectors, axis=0))[0]
    if index is None:
        index = DEFAULT_INDEX if has_text else PHOTO_INDEX
    return search_vector(table, vector, index=index, filters=filters, excluded_ids=excluded_ids, limit=limit)


def search_vector(
    table: Table,
    vector: np.ndarray,
    *,
    index: str,
    filters: Filters | None = None,
    excluded_ids: Collection[int] = (),
    limit: int = 20,
) -> list[Hit]:
    """The `limit` products nearest to `vector` (dimension,), which the index's own model must have made; best first.

    `excluded_ids` (withdrawn products, say) are passed over while the index is walked, not cut from its answer.
    Fewer come back when fewer pass the filters or have a vector there. Raises SearchError for an unknown index, a
    limit outside 1..MAX_LIMIT, and a vector that is of another dimension, zero, or not finite.
    """
    if index not in INDEXES:
        raise SearchError(f"There is no index '{index}'; choose one of {', '.join(INDEXES)}.")
    if not 1 <= limit <= MAX_LIMIT:
        raise SearchError(f"The limit {limit} is out of range; ask for 1 to {MAX_LIMIT} products.")
    _check_vector(vector, index_facts(table).embedding_dimension)
    query = nearest(table, vector, INDEXES[index], limit)
    expression = _condition(filters, excluded_ids)
    if expression is not None:
        query = query.where(expression)
    rows = query.select([*_COPIED, "embedded_text", "_distance"]).to_arrow().to_pylist()
    return [
        Hit(**{name: row[name] for name in _COPIED}, score=1 - row["_distance"], description=row["embedded_text"])
        for row in rows
    ]


def example_search(table: Table, index: str, limit: int = 6) -> list[Hit]:
    """What is nearest to the first product with a vector in `index`, itself included; nothing when there is none."""
    import numpy as np

    column = INDEXES[index]
    rows = table.search().where(f"{column} IS NOT NULL").select([column]).limit(1).to_arrow()
    if not len(rows):
        return []
    return search_vector(table, np.array(rows[column][0].as_py()), index=index, limit=limit)


def nearest(table: Table, vector: np.ndarray, vector_column: str, limit: int):
    """LanceDB's query for the `limit` rows nearest to `vector` by `vector_column`'s index, still to be filtered."""
    import numpy as np

    return (
        table.search(vector.astype(np.float32), vector_column_name=vector_column)
        .distance_type("cosine")
        .refine_factor(REFINE_FACTOR)
        .ef(max(MIN_EF, REFINE_FACTOR * limit))  # less is an error in LanceDB
        .limit(limit)
    )


def _condition(filters: Filters | None, excluded_ids: Collection[int]) -> Expr | None:
    from lancedb.expr import col, lit

    wanted = filters.expression() if filters else None
    if not excluded_ids:
        return wanted
    allowed = ~col("product_id").isin([lit(int(product_id)) for product_id in excluded_ids])
    return allowed if wanted is None else wanted & allowed


def _check_vector(vector: np.ndarray, dimension: int) -> None:
    import numpy as np

    if vector.shape != (dimension,):
        raise SearchError(
            f"The query vector has the shape {vector.shape}, but the index holds vectors of {dimension} numbers; "
            "embed the query with the index's own model."
        )
    if not np.isfinite(vector).all() or not vector.any():
        raise SearchError(
            "The query vector is zero or not finite, so nothing is near it; embed the query again or use other words."
        )
