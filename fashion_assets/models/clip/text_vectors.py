"""Vectors of texts that come with every run, each computed once: looked up by text, embedded if missing.

They are the queries by which searches are measured, and the labels of values. The model is loaded for the first text
whose vector is not in the table.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import polars as pl

from fashion_assets.models.clip.encoder import ImageTextEncoder, require_sound
from fashion_assets.models.clip.tables import TEXT_VECTORS
from fashion_assets.models.clip.vectors import is_sound
from fashion_assets.storage.store import TableStore

TEXTS_AT_A_TIME = 256


class TextEncoder(Protocol):
    """What embeds texts only; every ImageTextEncoder does."""

    model_id: str

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Texts to a float32 array (texts, dimension) of unit vectors."""
        ...


class TextVectors:
    """The vectors of the model `model_id`, which `load` loads when one is missing.

    `is_kept` is whether new vectors are added to the table.
    """

    def __init__(self, store: TableStore, model_id: str, load: Callable[[], ImageTextEncoder], is_kept: bool = True):
        self.model_id = model_id
        self._store = store
        self._load = load
        self._is_kept = is_kept
        self._vectors: dict[str, np.ndarray] = {}

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors (texts, dimension), float32.

        Raises ModelError if the model cannot be loaded, or returns a vector that is not finite or not of length 1.
        """
        self._vectors |= self._stored(self._missing(texts))
        if missing := self._missing(texts):
            self._vectors |= self._embedded(missing)
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)

    def _missing(self, texts: Sequence[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if text not in self._vectors]

    def _stored(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        rows = self._store.read(TEXT_VECTORS, columns=["text", "embedding"], among=self._among(texts))
        sound = rows.filter(is_sound("embedding", pl.col("embedding").list.len()))
        return {text: np.array(vector, dtype=np.float32) for text, vector in sound.iter_rows()}

    def _among(self, texts: Sequence[str]) -> dict[str, Sequence[str]]:
        return {"embedding_model": [self.model_id], "text": texts}

    def _embedded(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        encoder = self._load()
        parts = [
            require_sound(encoder.embed_texts(texts[start : start + TEXTS_AT_A_TIME]), "texts", encoder)
            for start in range(0, len(texts), TEXTS_AT_A_TIME)
        ]
        vectors = np.concatenate(parts)
        if self._is_kept:
            rows = pl.DataFrame({"text": list(texts), "embedding": vectors})
            now = datetime.now(UTC)
            self._store.append(
                TEXT_VECTORS, rows.with_columns(embedding_model=pl.lit(self.model_id), made_at=pl.lit(now))
            )
        return dict(zip(texts, vectors, strict=True))
