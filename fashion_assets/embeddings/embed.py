"""One batch of products to rows with vectors: what to embed, what to reuse, what had no readable photo.

Vectors are reused by content: a photo's by the hash of its file, a text's by the text itself, in both cases only sound
ones of the same model. Which model embeds is behind `ImageTextEncoder`; reading and writing tables is the asset's
business.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from fashion_assets.clip.encoder import ImageTextEncoder
from fashion_assets.clip.vectors import are_unit, is_sound
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.embeddings.vectors import hybrid
from fashion_assets.errors import ModelError
from fashion_assets.photos import PhotoProblem, open_photo
from fashion_assets.progress import Progress
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.store import conform
from fashion_assets.storage.table import ROW_HASH

CHUNK = 64
"""Photos or texts handed to the encoder at once; two chunks of photos (13 MB each at 1800x2400) are in memory."""

OPENERS = 4
"""Threads that decode photos while the model is at work."""

Vectors = dict[str, np.ndarray]
"""Vectors (dimension,) by content: a photo's by its file's hash, a text's by the text."""


@dataclass(frozen=True)
class EmbeddedBatch:
    """A batch's rows in the EMBEDDINGS schema, and how they came about.

    `photos_embedded` and `texts_embedded` count calls of the model (equal contents count once), `reused` the
    contents whose vectors were already known; the products without a readable photo have null image and hybrid
    vectors and are listed, with the reason.
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
    photos_root: Path,
    encoder: ImageTextEncoder,
    known: pl.DataFrame,
    image_weight: float,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> EmbeddedBatch:
    """The rows of EMBEDDINGS for a batch's products.

    `rows` has the source columns, `photo_sha256` (null: no photo file), `baseline_description`,
    `rich_text_description` (may be null), `use_enriched_text` (Boolean: whether the rich text is trusted) and the
    visual columns. `known` are the batch's rows as they are stored now, from which vectors are reused and, where
    nothing changed, `updated_at`. `now` is an aware time. `progress` counts photos and texts given to the model.

    A photo that cannot be opened is data, not an error. Raises ModelError when the encoder returns a vector that is
    not finite or not of length 1; the encoder's own ModelError passes through.
    """
    rows = rows.sort("product_id").with_columns(
        baseline_description=pl.col("baseline_description").fill_null(""),
        embedded_text=_embedded_text().fill_null(""),
    )
    known = known.filter(pl.col("embedding_model") == encoder.model_id)
    photos = _known_vectors(known, "photo_sha256", "image_embedding", encoder.dimension)
    texts = _known_vectors(known, "baseline_description", "text_embedding", encoder.dimension)
    texts |= _known_vectors(known, "embedded_text", "text_embedding_enriched", encoder.dimension)

    paths = _path_by_hash(rows, photos_root)
    new_photos = {content: path for content, path in paths.items() if content not in photos}
    wanted_texts = dict.fromkeys([*rows["baseline_description"], *rows["embedded_text"]])
    new_texts = [text for text in wanted_texts if text not in texts]
    total = len(new_photos) + len(new_texts)

    problems: dict[str, str] = {}
    for done, contents, opened in _open_ahead(new_photos, problems):
        photos |= zip(contents, _checked(encoder.embed_photos(opened), "photos", encoder), strict=True)
        progress(done, total)
    for start in range(0, len(new_texts), CHUNK):
        chunk = new_texts[start : start + CHUNK]
        texts |= zip(chunk, _checked(encoder.embed_texts(chunk), "texts", encoder), strict=True)
        progress(len(new_photos) + start + len(chunk), total)

    embedded = _with_repairs(_with_vectors(rows, photos, texts, encoder, image_weight), known, encoder.dimension)
    return EmbeddedBatch(
        rows=_with_time_of_change(embedded, known, now),
        photos_embedded=len(new_photos) - len(problems),
        texts_embedded=len(new_texts),
        reused=len(paths) - len(new_photos) + len(wanted_texts) - len(new_texts),
        unreadable_photos=_unreadable_photos(rows, photos, problems),
    )


def _embedded_text() -> pl.Expr:
    is_trusted = pl.col("use_enriched_text").fill_null(False) & pl.col("rich_text_description").is_not_null()
    return pl.when(is_trusted).then("rich_text_description").otherwise("baseline_description")


def _known_vectors(known: pl.DataFrame, content: str, vector: str, dimension: int) -> Vectors:
    sound = known.filter(is_sound(vector, dimension)).select(content, vector)
    found = sound.drop_nulls().unique(content, keep="first")
    return {key: np.array(values, dtype=np.float32) for key, values in found.iter_rows()}


def _checked(vectors: np.ndarray, of: str, encoder: ImageTextEncoder) -> np.ndarray:
    malformed = int((~are_unit(vectors)).sum())
    if malformed:
        raise ModelError(
            f"The CLIP model '{encoder.model_id}' returned {malformed} vectors of {len(vectors)} {of} that are not "
            "finite or not of length 1, so no vector of this batch was stored; set FASHION_DTYPE=float32 if half "
            "precision overflows, or set FASHION_CLIP to intact weights."
        )
    return vectors


def _path_by_hash(rows: pl.DataFrame, photos_root: Path) -> dict[str, Path]:
    present = rows.select("photo_sha256", "image_path").drop_nulls().unique("photo_sha256", keep="first")
    return {content: photos_root / path for content, path in present.sort("photo_sha256").iter_rows()}


def _open_ahead(paths: dict[str, Path], problems: dict[str, str]) -> Iterator[tuple[int, list[str], list[Image.Image]]]:
    """Chunks of (photos handled so far, hashes, photos), the next one being decoded meanwhile; fills `problems`."""
    contents = list(paths)
    chunks = [contents[start : start + CHUNK] for start in range(0, len(contents), CHUNK)]
    with ThreadPoolExecutor(OPENERS) as pool:

        def start_opening(chunk: list[str]) -> dict[str, Future[Image.Image]]:
            return {content: pool.submit(open_photo, paths[content]) for content in chunk}

        opening = start_opening(chunks[0]) if chunks else {}
        done = 0
        for following in [*chunks[1:], []]:
            current, opening = opening, start_opening(following)
            opened = {}
            for content, photo in current.items():
                try:
                    opened[content] = photo.result()
                except PhotoProblem as problem:
                    problems[content] = str(problem)
            done += len(current)
            if opened:
                yield done, list(opened), list(opened.values())


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


def _with_repairs(rows: pl.DataFrame, known: pl.DataFrame, dimension: int) -> pl.DataFrame:
    """`rows` with how often their stored vectors were found malformed: a replacement must be a change of the row."""
    has_damage = pl.any_horizontal(_is_malformed(name, dimension) for name in VECTOR_COLUMNS)
    repairs = pl.col("vector_repairs").fill_null(0) + has_damage.cast(pl.Int32)
    repaired = rows.join(known.select("product_id", vector_repairs=repairs), on="product_id", how="left")
    return repaired.with_columns(pl.col("vector_repairs").fill_null(0))


def _is_malformed(vector: str, dimension: int) -> pl.Expr:
    may_be_missing = pl.lit(False) if vector.startswith("text_") else ~pl.col("has_photo").fill_null(True)
    return ~is_sound(vector, dimension).fill_null(may_be_missing)


def _stack(vectors: list[np.ndarray], encoder: ImageTextEncoder) -> np.ndarray:
    return np.array(vectors, dtype=np.float32).reshape(-1, encoder.dimension)


def _with_time_of_change(rows: pl.DataFrame, known: pl.DataFrame, now: datetime) -> pl.DataFrame:
    rows = with_row_hash(conform(rows, EMBEDDINGS), EMBEDDINGS.hashed_columns)
    before = with_row_hash(known, EMBEDDINGS.hashed_columns).select("product_id", ROW_HASH, changed_at="updated_at")
    changed_at = pl.coalesce("changed_at", pl.lit(now)).alias("updated_at")
    return conform(rows.join(before, on=["product_id", ROW_HASH], how="left").with_columns(changed_at), EMBEDDINGS)


def _unreadable_photos(rows: pl.DataFrame, photos: Vectors, problems: dict[str, str]) -> dict[int, str]:
    return {
        product_id: problems.get(content, "photo_missing: no photo file")
        for product_id, content in rows.select("product_id", "photo_sha256").iter_rows()
        if content not in photos
    }
