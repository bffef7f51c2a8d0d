"""Products by what names exactly one of them: a query that is a product's id finds that product before all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fashion_assets.models.clip.vectors import normalise
from fashion_assets.search.index.words import ID_COLUMNS, IDENTIFIERS, identifier
from fashion_assets.search.query.candidates import containing, where
from fashion_assets.search.query.hits import Hit, Reasons, hit_columns, hit_of

if TYPE_CHECKING:
    import numpy as np
    from lancedb.expr import Expr
    from lancedb.query import LanceQueryBuilder
    from lancedb.table import Table

BY_ID = "id"
"""The boost of a product that was found by its id."""

ID_SCORE = 10.0
"""The ranking score of such a product: more than any ranking gives to what a query only describes."""

LONGEST_ID = 100
"""Characters; a longer text is no id."""


_DIGITS = 18
"""Any number of so many digits is a 64-bit integer."""


def hits_by_id(
    table: Table, text: str, vector: np.ndarray, vector_column: str, condition: Expr | None, limit: int
) -> list[Hit]:
    """The products with the id `text`, case and accents ignored: those with that shop id first, then by key, by SKU.

    Their scores are the cosines of `vector` (d,) and their vectors in `vector_column`, 0 without one.
    """
    wanted = identifier(text)
    query = _query(table, wanted, condition, limit) if wanted and len(wanted) <= LONGEST_ID else None
    if query is None:
        return []
    id_columns = [name for name in ID_COLUMNS if name in table.schema.names]
    columns = list(dict.fromkeys((*hit_columns(table.schema.names), *id_columns, vector_column)))
    if IDENTIFIERS in table.schema.names:
        columns.append("_score")  # LanceDB warns on the console where a full-text query leaves it out
    rows = query.select(columns).to_arrow().to_pylist()
    by_column = sorted((_matched(row, wanted, id_columns), row["product_id"], row) for row in rows)
    return [
        hit_of(row, _cosine(vector, row[vector_column]), reasons(column, text)) for (_, column), _, row in by_column
    ]


def reasons(column: str, text: str) -> Reasons:
    """Why a product comes first whose id in `column` is `text`."""
    return Reasons(ID_SCORE, boosts=(BY_ID,), matched={column: text.strip()})


def key_of(text: str) -> int | None:
    """The integer key that `text` writes; None if it writes none that a table can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def first_these(named: Sequence[Hit], others: Sequence[Hit], limit: int) -> list[Hit]:
    """`named`, then those of `others` that are not among them; `limit` in all."""
    ids = {hit.product_id for hit in named}
    return [*named, *(hit for hit in others if hit.product_id not in ids)][:limit]


def _query(table: Table, wanted: str, condition: Expr | None, limit: int) -> LanceQueryBuilder | None:
    """The query for the products with that id; versions of before there were such columns have the key alone."""
    from lancedb.expr import col, lit

    if IDENTIFIERS in table.schema.names:
        return where(containing(table, [wanted], IDENTIFIERS, limit), condition)
    key = key_of(wanted)
    if key is None:
        return None
    has_key = col("product_id") == lit(key)
    return table.search().where(has_key if condition is None else has_key & condition).limit(limit)


def _matched(row: dict[str, Any], wanted: str, id_columns: Sequence[str]) -> tuple[int, str]:
    """The stored column that has the id, and its place for sorting; the index does not store SKUs apart."""
    matched = ((place, name) for place, name in enumerate(id_columns) if identifier(str(row[name])) == wanted)
    return next(matched, (len(ID_COLUMNS), "id"))


def _cosine(vector: np.ndarray, of_product: list[float] | None) -> float:
    import numpy as np

    return 0.0 if of_product is None else float(normalise(np.array([of_product]))[0] @ vector)
