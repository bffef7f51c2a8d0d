"""The rows for an index version, for catalogs of any size: a few bytes per product, and rows read in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from fashion_assets.embeddings.tables import VECTOR_COLUMNS, embeddings_table
from fashion_assets.search.index.versions import IndexFacts
from fashion_assets.search.index.words import SEARCHED_COLUMNS
from fashion_assets.search.query.hits import PRICE_COLUMNS
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.table import BATCH, ROW_HASH

ROW_KEY = "row_key"
"""The first 8 bytes of a row's hash as a number: with the id, 16 bytes per product show which rows differ."""


@dataclass(frozen=True)
class IndexRows:
    """The products of a version to build, and a way to read their rows.

    `keys` has `product_id` and ROW_KEY of each product, `vectors` the number of vectors by vector column. `read` takes
    the wanted ids (None: all) and yields their rows (EMBEDDINGS schema with ROW_HASH and ROW_KEY) in frames that fit
    into memory; it can be called any number of times.
    """

    facts: IndexFacts
    keys: pl.DataFrame
    vectors: Mapping[str, int]
    read: Callable[[pl.Series | None], Iterator[pl.DataFrame]]
    taxonomy: Taxonomy = SHIPPED.taxonomy
    language: Language = SHIPPED.language

    @classmethod
    def of_frame(
        cls,
        rows: pl.DataFrame,
        embedding_model: str,
        taxonomy: Taxonomy = SHIPPED.taxonomy,
        language: Language = SHIPPED.language,
    ) -> IndexRows:
        """From rows (EMBEDDINGS schema) that are already in memory."""
        keyed = with_row_key(rows, taxonomy)
        fingerprint = Fingerprint()
        fingerprint.add(keyed)
        dimension = rows.select(pl.col("embedding_dimension").mode().min()).item() or 0

        def read(ids: pl.Series | None) -> Iterator[pl.DataFrame]:
            yield keyed if ids is None else keyed.filter(pl.col("product_id").is_in(ids.implode()))

        return cls(
            facts=IndexFacts(embedding_model, dimension, fingerprint.hex(), language.full_text.version),
            keys=keyed.select("product_id", ROW_KEY),
            vectors={name: rows[name].count() for name in VECTOR_COLUMNS},
            read=read,
            taxonomy=taxonomy,
            language=language,
        )


class Fingerprint:
    """One hash over all rows of an index, a few batches at a time: equal hash, equal content."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, rows: pl.DataFrame) -> None:
        """Add all rows (with ROW_HASH) of the next batches; their order in the frame does not matter."""
        in_order = rows.select(BATCH, "product_id", ROW_HASH).sort(BATCH, "product_id")
        self._hash.update("".join(in_order[ROW_HASH]).encode())

    def hex(self) -> str:
        return self._hash.hexdigest()


def with_row_key(rows: pl.DataFrame, taxonomy: Taxonomy) -> pl.DataFrame:
    """`rows` (EMBEDDINGS schema, current prices) with ROW_HASH and ROW_KEY: whether a product's row has changed."""
    ingested = [name for name in (*SEARCHED_COLUMNS, *PRICE_COLUMNS) if name in rows.columns]
    return with_row_hash(rows, embeddings_table(taxonomy).hashed_columns, ingested).with_columns(row_key())


def row_key() -> pl.Expr:
    """ROW_KEY, from ROW_HASH."""
    return pl.col(ROW_HASH).str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).alias(ROW_KEY)
