"""Rows of EMBEDDINGS: products whose vectors come from FakeEncoder, or are random ones in clusters."""

import numpy as np
import polars as pl

from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.search.index.build import build_index
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.versions import BuiltIndex
from fashion_assets.storage.conforming import conform

MODEL = "fake-colors"
OF_PHOTO = ("image_embedding", "hybrid_embedding", "hybrid_embedding_enriched")


def color_rows(*colors: str, **columns) -> pl.DataFrame:
    """Products 1, 2, ... of one colour each, whose every vector is the one of the colour's word."""
    vectors = FakeEncoder().embed_texts(colors)
    return rows_of(
        dict.fromkeys(VECTOR_COLUMNS, vectors), embedded_text=[f"{color} shirt" for color in colors], **columns
    )


def random_rows(count: int, dimension: int = 16, seed: int = 0, **columns) -> pl.DataFrame:
    """Products 0, 1, ... around twenty centres, as real embeddings cluster."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(20, dimension))

    def vectors():
        return normalise(centres[rng.integers(0, 20, count)] + 0.3 * rng.normal(size=(count, dimension)))

    columns = {"product_id": range(count), **columns}
    return rows_of({name: vectors() for name in VECTOR_COLUMNS}, **columns)


def rows_of(vectors: dict[str, np.ndarray], **columns) -> pl.DataFrame:
    count, dimension = vectors["text_embedding"].shape
    given = {
        "product_id": range(1, count + 1),
        "baseline_description": ["shirt"] * count,
        "embedded_text": ["shirt"] * count,
        "embedding_model": [MODEL] * count,
        "embedding_dimension": [dimension] * count,
        **columns,
        **{name: pl.Series(array) for name, array in vectors.items()},
    }
    return conform(pl.DataFrame(given), EMBEDDINGS)


def build(uri: str, rows: pl.DataFrame, model: str = MODEL) -> BuiltIndex:
    """A version of the index at `uri` that is built whole of `rows`."""
    return build_index(uri, IndexRows.of_frame(rows, model))


def fingerprint_of(rows: pl.DataFrame) -> str:
    return IndexRows.of_frame(rows, MODEL).facts.content_fingerprint


def without_photos(rows: pl.DataFrame, *product_ids: int) -> pl.DataFrame:
    has_photo = ~pl.col("product_id").is_in(product_ids)
    return rows.with_columns(pl.when(has_photo).then(name).alias(name) for name in OF_PHOTO)
