"""One search: from a text, a photo, or both, to the nearest products in one of the indexes.

This module checks or states what LanceDB would answer with no rows (a zero or NaN vector, vectors of another model) or
would guess (the vector column). The queries to LanceDB are in `candidates.py`, the order in `ranking.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from fashion_assets.errors import SearchError
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.search.index.declarations import HYBRID_SEARCH, HYBRID_SEARCH_ENRICHED, IMAGE_SEARCH
from fashion_assets.search.index.versions import INDEXES, index_facts
from fashion_assets.search.query.by_id import first_these, hits_by_id
from fashion_assets.search.query.candidates import Candidates, candidates, candidates_of_each, nearest
from fashion_assets.search.query.expansion import ExpandedQuery, as_typed, expand
from fashion_assets.search.query.filters import Filters, excluding
from fashion_assets.search.query.hits import Hit, hit_columns, hit_of
from fashion_assets.search.query.ranking import Ranking, rank, served_rankings
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np
    from lancedb.expr import Expr
    from lancedb.table import Table
    from PIL import Image

    from fashion_assets.models.clip.encoder import ImageTextEncoder

DEFAULT_INDEX = HYBRID_SEARCH_ENRICHED.name
PHOTO_INDEX = IMAGE_SEARCH.name
MAX_LIMIT = 1000

MAX_CHARACTERS = 1000
"""Of a text: CLIP reads about the first 300, and each word makes the full-text query slower."""

BASELINE_INDEX = HYBRID_SEARCH.name


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
    rankings: Mapping[str, Ranking] | None = None,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    language: Language = SHIPPED.language,
) -> list[Hit]:
    """The `limit` products that fit `text`, `photo` (RGB), or the middle of both; best first, with reasons.

    A product whose id is `text` comes before all others.

    `table` is a version pinned by `open_live`. `index` is a name of INDEXES, by default the image index for a
    photo alone and the enriched hybrid index otherwise; products in `excluded_ids` are never found. `rankings`
    (None: `served_rankings`) are by index and order the results of a text; without one, the vectors alone do.
    `taxonomy` and `language` are those that the index was built with. Raises SearchError if there is nothing to search
    for, the text is too long or not valid text, or `encoder` is not the model that made the index, and as
    `search_vector` does.
    """
    facts = index_facts(table)
    if facts.embedding_model != encoder.model_id:
        raise SearchError(
            value=f"The query would be embedded by '{encoder.model_id}'",
            rule=(
                f"the index holds vectors of '{facts.embedding_model}', and only one model's vectors can be compared"
            ),
            remedy="load that model or re-embed",
        )
    text = checked_query(text, photo)
    index = index or default_index(text)
    by_index = served_rankings(taxonomy) if rankings is None else rankings
    ranking = None if text is None else by_index.get(index)
    query = as_read(text or "", ranking, taxonomy, language)
    vector = embed_query(encoder, None if text is None else query.text, photo)
    check_query(vector, index, limit, facts.embedding_dimension)
    condition = _condition(filters, excluded_ids)
    named = hits_by_id(table, text, vector, INDEXES[index], condition, limit) if text else []
    if ranking is None:
        near = search_vector(table, vector, index=index, filters=filters, excluded_ids=excluded_ids, limit=limit)
        return first_these(named, near, limit)
    candidates = find_candidates(
        table,
        query,
        vector,
        max(ranking.candidates, limit),
        index=index,
        filters=filters,
        excluded_ids=excluded_ids,
        taxonomy=taxonomy,
    )
    return first_these(named, rank(query, vector, candidates, ranking, limit, taxonomy, language), limit)


def as_read(
    text: str,
    ranking: Ranking | None,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    language: Language = SHIPPED.language,
) -> ExpandedQuery:
    """`text` as a search with `ranking` (None: by vectors alone) embeds it and searches for its words."""
    is_expanded = ranking is not None and ranking.is_expanding
    return expand(text, taxonomy, language) if is_expanded else as_typed(text, language)


def find_candidates(
    table: Table,
    query: ExpandedQuery,
    vector: np.ndarray,
    count: int,
    *,
    index: str,
    filters: Filters | None = None,
    excluded_ids: Collection[int] = (),
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> Candidates:
    """The input of `ranking.rank`: at most `count` products by the vector and as many by the words."""
    return candidates(table, vector, query.terms, index, _condition(filters, excluded_ids), count, taxonomy)


def find_candidates_of_each(
    table: Table,
    queries: Sequence[ExpandedQuery],
    vectors: np.ndarray,
    count: int,
    *,
    index: str,
    excluded_ids: Collection[int] = (),
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> list[Candidates]:
    """What `find_candidates` finds for each of `queries` with its vector of `vectors` (queries, dimension)."""
    terms = [query.terms for query in queries]
    return candidates_of_each(table, vectors, terms, index, _condition(None, excluded_ids), count, taxonomy)


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

    `excluded_ids` (for example withdrawn products) are skipped within the index, not removed from its answer. Fewer
    hits come back if fewer products pass the filters or have a vector there. Raises SearchError for an unknown index, a
    limit outside 1..MAX_LIMIT, and a vector of another dimension, zero, or not finite.
    """
    check_query(vector, index, limit, index_facts(table).embedding_dimension)
    query = nearest(table, vector, INDEXES[index], limit)
    expression = _condition(filters, excluded_ids)
    if expression is not None:
        query = query.where(expression)
    rows = query.select([*hit_columns(table.schema.names), "_distance"]).to_arrow().to_pylist()
    return [hit_of(row, score=1 - row["_distance"]) for row in rows]


def example_search(table: Table, index: str, limit: int = 6) -> list[Hit]:
    """The hits nearest to the first product with a vector in `index`, itself included; none without vectors."""
    import numpy as np

    column = INDEXES[index]
    rows = table.search().where(f"{column} IS NOT NULL").select([column]).limit(1).to_arrow()
    if not len(rows):
        return []
    return search_vector(table, np.array(rows[column][0].as_py()), index=index, limit=limit)


def _condition(filters: Filters | None, excluded_ids: Collection[int]) -> Expr | None:
    wanted = filters.expression() if filters else None
    if not excluded_ids:
        return wanted
    allowed = excluding(excluded_ids)
    return allowed if wanted is None else wanted & allowed


def default_index(text: str | None) -> str:
    """The index that answers best: the image index for a photo alone, the enriched hybrid one otherwise."""
    return PHOTO_INDEX if text is None else DEFAULT_INDEX


def embed_query(encoder: ImageTextEncoder, text: str | None, photo: Image.Image | None) -> np.ndarray:
    """The unit vector (dimension,) of `text`, of `photo` (RGB), or of the middle of both; one must be given."""
    import numpy as np

    vectors = [] if text is None else [encoder.embed_texts([text])]
    if photo is not None:
        vectors.append(encoder.embed_photos([photo]))
    return normalise(np.mean(vectors, axis=0))[0]


def checked_query(text: str | None, photo: Image.Image | None) -> str | None:
    """`text` in Unicode's composed form, or None if it is blank.

    Raises SearchError if there is no photo either, or the text is too long or not valid text.
    """
    if not text or not text.strip():
        if photo is None:
            raise SearchError(
                value="The query is empty",
                rule="it needs a word or a photo",
                remedy="give a text with words in it, or a photo",
            )
        return None
    if len(text) > MAX_CHARACTERS:
        raise SearchError(
            value=f"The query has {len(text)} characters",
            rule=f"at most {MAX_CHARACTERS} are read",
            remedy="shorten it",
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SearchError(
            value=f"The query {text!r} has bytes that are not text",
            rule="it is read as UTF-8",
            remedy="enter it again in UTF-8",
        ) from error
    return unicodedata.normalize("NFC", text)


def check_query(vector: np.ndarray, index: str, limit: int, dimension: int) -> None:
    """Raise SearchError for a query that no index with vectors of `dimension` can answer; see `search_vector`."""
    import numpy as np

    if index not in INDEXES:
        raise SearchError(
            value=f"There is no index '{index}'",
            rule=f"a search reads one of {', '.join(INDEXES)}",
            remedy="choose one of these",
        )
    if not 1 <= limit <= MAX_LIMIT:
        raise SearchError(
            value=f"The limit {limit} is out of range",
            rule=f"it must be from 1 to {MAX_LIMIT}",
            remedy=f"ask for 1 to {MAX_LIMIT} products",
        )
    if vector.shape != (dimension,):
        raise SearchError(
            value=f"The query vector has the shape {vector.shape}",
            rule=f"the index holds vectors of {dimension} numbers",
            remedy="embed the query with the index's own model",
        )
    if not np.isfinite(vector).all() or not vector.any():
        raise SearchError(
            value="The query vector is zero or not finite",
            rule="no product is near such a vector",
            remedy="embed the query again or use other words",
        )
