"""Whether two versions of the index rank alike: whether they hold the same of what the default search orders by.

A new price, SKU or address of a photo changes a version, but no order, so such a version needs no measurement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.search.index.versions import INDEXES, SEARCHED_TEXT, index_facts
from fashion_assets.search.query.boosts import named_columns
from fashion_assets.search.query.candidates import searched_column
from fashion_assets.search.query.search import DEFAULT_INDEX
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    from lancedb.table import Table


def rank_alike(table: Table, other: Table, taxonomy: Taxonomy) -> bool:
    """Whether both hold the same products, with the same model's vectors, words and values that a query may name."""
    is_same_model = index_facts(table).embedding_model == index_facts(other).embedding_model
    return is_same_model and _rows(table, taxonomy).equals(_rows(other, taxonomy))


def _rows(table: Table, taxonomy: Taxonomy) -> pl.DataFrame:
    """`product_id`, ascending, and a hash of all else that orders; read in parts, because vectors may be large."""
    words = searched_column(table, SEARCHED_TEXT[DEFAULT_INDEX])
    columns = ["product_id", words, INDEXES[DEFAULT_INDEX], *named_columns(taxonomy)]
    parts = table.search().select(columns).limit(table.count_rows()).to_batches()
    hashed = (pl.DataFrame(pl.from_arrow(part)).select("product_id", hash=pl.struct(columns).hash()) for part in parts)
    return pl.concat([pl.DataFrame(schema={"product_id": pl.Int64, "hash": pl.UInt64}), *hashed]).sort("product_id")
