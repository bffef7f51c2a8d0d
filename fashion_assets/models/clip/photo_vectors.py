"""Vectors of photos, each computed once: looked up by content, and embedded if the table has no valid one.

The slices decide which photos to embed and what to do with their vectors; they also embed the texts.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from fashion_assets.models.clip.encoder import ImageTextEncoder, require_sound
from fashion_assets.models.clip.tables import PHOTO_VECTORS
from fashion_assets.models.clip.vectors import is_sound
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.storage.store import TableStore

CHUNK = 64
"""Photos passed to the encoder at once; two chunks of photos (13 MB each at 1800x2400) are in memory."""

FLUSH_PHOTOS = 512
"""Photos between two commits: the most that a kill can lose, yet enough to keep the files few."""

MOST_VECTOR_FILES = 50
"""More files are compacted after a batch: each flush adds one, and every look-up opens them all."""

OPENERS = 4
"""Threads that decode photos while the model is working."""


@dataclass
class PhotoVectors:
    """Unit vectors (dimension,) by photo hash, and the problems of the other photos.

    `embedded` counts the new vectors; the others were in the table.
    """

    vectors: dict[str, np.ndarray] = field(default_factory=dict)
    problems: dict[str, PhotoProblem] = field(default_factory=dict)
    embedded: int = 0

    @property
    def reused(self) -> int:
        return len(self.vectors) - self.embedded


def photo_paths(products: pl.DataFrame, photos_root: Path) -> dict[str, Path]:
    """One file for each distinct photo of `products` (columns `photo_sha256` and `image_path`), by its hash."""
    present = products.select("photo_sha256", "image_path").drop_nulls().sort("photo_sha256", "image_path")
    return {content: photos_root / path for content, path in present.unique("photo_sha256", keep="first").iter_rows()}


def photo_vectors(
    photos: Mapping[str, Path],
    encoder: ImageTextEncoder,
    store: TableStore,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PhotoVectors:
    """The vectors of `photos` (files by content hash); only those missing from the table are embedded.

    `progress` counts the photos to embed. A photo that cannot be opened is data, not an error. Raises ModelError if the
    encoder returns a vector that is not finite or not of length 1; earlier vectors are kept.
    """
    result = PhotoVectors(_cached_vectors(list(photos), encoder, store))
    missing = {content: path for content, path in photos.items() if content not in result.vectors}
    unwritten: dict[str, np.ndarray] = {}
    try:
        for done, opened in _open_ahead(missing, result.problems):
            if opened:
                embedded = require_sound(encoder.embed_photos(list(opened.values())), "photos", encoder)
                unwritten |= zip(opened, embedded, strict=True)
            if len(unwritten) > FLUSH_PHOTOS - CHUNK:
                _keep(unwritten, encoder, store)
                result.vectors |= unwritten
                unwritten = {}
            progress(done, len(missing))
    finally:
        _keep(unwritten, encoder, store)
    if missing:
        store.compact_if_fragmented(PHOTO_VECTORS, MOST_VECTOR_FILES)
    result.vectors |= unwritten
    result.embedded = len(missing) - len(result.problems)
    return result


def _cached_vectors(contents: list[str], encoder: ImageTextEncoder, store: TableStore) -> dict[str, np.ndarray]:
    selection = {"partition": {"embedding_model": encoder.model_id}, "among": {"photo_sha256": contents}}
    # Read their times first: vectors of one batch are stored together, and gigabytes of other vectors stay unread.
    times = store.read(PHOTO_VECTORS, columns=["photo_sha256", "made_at"], **selection)
    if times.is_empty():
        return {}
    first, last = times.select(first=pl.min("made_at"), last=pl.max("made_at")).row(0)
    rows = store.read(
        PHOTO_VECTORS, columns=["photo_sha256", "embedding"], between={"made_at": (first, last)}, **selection
    )
    sound = rows.filter(is_sound("embedding", encoder.dimension)).unique("photo_sha256", keep="any")
    vectors = sound["embedding"].explode(empty_as_null=False).to_numpy().reshape(-1, encoder.dimension)
    return dict(zip(sound["photo_sha256"], vectors, strict=True))


def _keep(vectors: dict[str, np.ndarray], encoder: ImageTextEncoder, store: TableStore) -> None:
    if vectors:
        rows = pl.DataFrame(
            {"photo_sha256": list(vectors), "embedding": np.array(list(vectors.values()), dtype=np.float32)}
        )
        store.append(
            PHOTO_VECTORS,
            rows.with_columns(embedding_model=pl.lit(encoder.model_id), made_at=pl.lit(datetime.now(UTC))),
        )


def _open_ahead(
    paths: Mapping[str, Path], problems: dict[str, PhotoProblem]
) -> Iterator[tuple[int, dict[str, Image.Image]]]:
    """Chunks of (photos handled so far, photos by hash), with the next chunk being decoded; fills `problems`."""
    contents = list(paths)
    chunks = [contents[start : start + CHUNK] for start in range(0, len(contents), CHUNK)]
    with ThreadPoolExecutor(OPENERS) as pool:

        def start_opening(chunk: list[str]) -> dict[str, Future[Image.Image]]:
            return {content: pool.submit(open_photo, paths[content], content) for content in chunk}

        opening = start_opening(chunks[0]) if chunks else {}
        done = 0
        for following in [*chunks[1:], []]:
            current, opening = opening, start_opening(following)
            opened = {}
            for content, photo in current.items():
                try:
                    opened[content] = photo.result()
                except PhotoProblem as problem:
                    problems[content] = problem
            done += len(current)
            if current:
                yield done, opened
