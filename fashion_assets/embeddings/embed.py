"""From one batch of products to rows with vectors: what to embed, what to reuse, what has no readable photo.

The vector of a text is reused from any sound stored vector of the same text and model; photos come with their vectors.
The model is behind `ImageTextEncoder`; reading and writing tables belongs to the asset.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from fashion_assets.embeddings.tables import VECTOR_COLUMNS, embeddings_table
from fashion_assets.embeddings.vectors import hybrid
from fashion_assets.errors import PhotoProblem
from fashion_assets.models.clip.encoder import ImageTextEncoder, require_sound
from fashion_assets.models.clip.photo_vectors import PhotoVectors
from fashion_assets.models.clip.vectors import is_sound
from fashion_assets.orchestration.progress import Progress
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.table import ROW_HASH, Table

CHUNK = 256
"""Texts per call of the encoder: enough for texts of similar length to share a forward pass."""

Vectors = dict[str, np.ndarray]
"""Vectors (dimension,) by content: a photo's by its file's hash, a text's by the text."""


@dataclass(frozen=True)
class EmbeddedBatch:
    """A batch's rows in the schema of `embeddings_table`, and how they were made.

    `photos_embedded` and `texts_embedded` count what the model embedded (equal contents count once), `reused` the
    contents whose vectors were already stored. Products without a readable photo have null image and hybrid vectors;
    `unreadable_photos` has the reason by product id.
    """

    rows: pl.DataFrame
    photos_embedded: int
    texts_embedded: int
    reused: int
    unreadable_photos: dict[int, str]

    @property
    def skipped_without_photo(self) -> int:
        return len(self.unreadable_photos)


def embed_batch(
    rows: pl.DataFrame,
    photos: PhotoVectors,
    encoder: ImageTextEncoder,
    stored: pl.DataFrame,
    image_weight: float,
    now: datetime,
    progress: Progress = lambda done, total: None,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> EmbeddedBatch:
    """The rows of `embeddings_table(taxonomy)` for a batch's products.

    `rows` has the source columns, `photo_sha256` (null: no photo file), `baseline_description`,
    `rich_text_description` (may be null), `use_enriched_text` (Boolean: whether the rich text is trusted) and the
    visual columns. `photos` are the vectors of their photos, made by `encoder`. `stored` are the batch's present rows,
    from which the vectors of texts are reused and, where nothing changed, `updated_at`. `now` is an aware time.
    `progress` counts the texts given to the model.

    Raises ModelError if the encoder returns a vector that is not finite or not of length 1, and passes on the encoder's
    own ModelError.
    """
    rows = rows.sort("product_id").with_columns(
        baseline_description=pl.col("baseline_description").fill_null(""),
        embedded_text=_embedded_text().fill_null(""),
    )
    stored = stored.filter(pl.col("embedding_model") == encoder.model_id)
    texts = _stored_vectors(stored, "baseline_description", "text_embedding", encoder.dimension)
    texts |= _stored_vectors(stored, "embedded_text", "text_embedding_enriched", encoder.dimension)

    wanted_texts = dict.fromkeys([*rows["baseline_description"], *rows["embedded_text"]])
    new_texts = [text for text in wanted_texts if text not in texts]
    for start in range(0, len(new_texts), CHUNK):
        chunk = new_texts[start : start + CHUNK]
        texts |= zip(chunk, require_sound(encoder.embed_texts(chunk), "texts", encoder), strict=True)
        progress(start + len(chunk), len(new_texts))

    embedded = _with_vectors(rows, photos.vectors, texts, encoder, image_weight)
    embedded = _with_repairs(embedded, stored, encoder.dimension)
    return EmbeddedBatch(
        rows=_with_time_of_change(embedded, stored, now, embeddings_table(taxonomy)),
        photos_embedded=photos.embedded,
        texts_embedded=len(new_texts),
        reused=photos.reused + len(wanted_texts) - len(new_texts),
        unreadable_photos=_unreadable_photos(rows, photos),
    )


def _embedded_text() -> pl.Expr:
    is_trusted = pl.col("use_enriched_text").fill_null(False) & pl.col("rich_text_description").is_not_null()
    return pl.when(is_trusted).then("rich_text_description").otherwise("baseline_description")


def _stored_vectors(stored: pl.DataFrame, content: str, vector: str, dimension: int) -> Vectors:
    sound = stored.filter(is_sound(vector, dimension)).select(content, vector)
    by_content = sound.drop_nulls().unique(content, keep="first")
    return {key: np.array(values, dtype=np.float32) for key, values in by_content.iter_rows()}


def _with_vectors(
    rows: pl.DataFrame, photos: Vectors, texts: Vectors, encoder: ImageTextEncoder, image_weight: float
) -> pl.DataFrame:
    has_photo = np.array([content in photos for content in rows["photo_sha256"]], dtype=bool)
    nothing = np.zeros(encoder.dimension, dtype=np.float32)
    images = _stack([photos.get(content, nothing) for content in rows["photo_sha256"]], encoder)
    baseline = _stack([texts[text] for text in rows["baseline_description"]], encoder)
    enriched = _stack([texts[text] for text in rows["embedded_text"]], encoder)
    vectors = {
        "image_embedding": images,
        "text_embedding": baseline,
        "text_embedding_enriched": enriched,
        "hybrid_embedding": hybrid(images, baseline, image_weight),
        "hybrid_embedding_enriched": hybrid(images, enriched, image_weight),
    }
    of_photo = [name for name in vectors if not name.startswith("text_")]
    return rows.with_columns(
        *(pl.Series(name, array).cast(pl.List(pl.Float32)) for name, array in vectors.items()),
        has_photo=pl.Series(has_photo),
        embedding_model=pl.lit(encoder.model_id),
        embedding_dimension=pl.lit(encoder.dimension),
        hybrid_image_weight=pl.lit(image_weight),
    ).with_columns(pl.when("has_photo").then(name).alias(name) for name in of_photo)


def _with_repairs(rows: pl.DataFrame, stored: pl.DataFrame, dimension: int) -> pl.DataFrame:
    """`rows` with the number of times that their stored vectors were malformed: a replacement must change the row."""
    has_damage = pl.any_horizontal(_is_malformed(name, dimension) for name in VECTOR_COLUMNS)
    repairs = pl.col("vector_repairs").fill_null(0) + has_damage.cast(pl.Int32)
    repaired = rows.join(stored.select("product_id", vector_repairs=repairs), on="product_id", how="left")
    return repaired.with_columns(pl.col("vector_repairs").fill_null(0))


def _is_malformed(vector: str, dimension: int) -> pl.Expr:
    may_be_missing = pl.lit(False) if vector.startswith("text_") else ~pl.col("has_photo").fill_null(True)
    return ~is_sound(vector, dimension).fill_null(may_be_missing)


def _stack(vectors: list[np.ndarray], encoder: ImageTextEncoder) -> np.ndarray:
    return np.array(vectors, dtype=np.float32).reshape(-1, encoder.dimension)


def _with_time_of_change(rows: pl.DataFrame, stored: pl.DataFrame, now: datetime, table: Table) -> pl.DataFrame:
    rows = with_row_hash(conform(rows, table), table.hashed_columns)
    before = with_row_hash(stored, table.hashed_columns).select("product_id", ROW_HASH, changed_at="updated_at")
    changed_at = pl.coalesce("changed_at", pl.lit(now)).alias("updated_at")
    return conform(rows.join(before, on=["product_id", ROW_HASH], how="left").with_columns(changed_at), table)


def _unreadable_photos(rows: pl.DataFrame, photos: PhotoVectors) -> dict[int, str]:
    return {
        product_id: _in_words(photos.problems.get(content))
        for product_id, content in rows.select("product_id", "photo_sha256").iter_rows()
        if content not in photos.vectors
    }


def _in_words(problem: PhotoProblem | None) -> str:
    return f"{problem.code}: {problem.reason}" if problem else "photo_missing: no photo file"
