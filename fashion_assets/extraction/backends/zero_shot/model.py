"""CLIP zero-shot as a back end: answers from one vector per photo, thousands of products a minute without a GPU.

Label texts are in `labels.py`, scoring is in `scoring.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from fashion_assets.extraction.backends.zero_shot.labels import labels_version
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np

    from fashion_assets.models.clip.encoder import ImageTextEncoder

MICRO_BATCH = 64
"""Photos scored at once."""


def zero_shot_identity(clip_model: str, taxonomy: Taxonomy = SHIPPED.taxonomy) -> ModelIdentity:
    """The identity of answers by `clip_model` (as in FASHION_CLIP), without loading it.

    Raises ModelError if a folder is incomplete.
    """
    from fashion_assets.models.clip.open_clip_encoder import encoder_id

    return _identity(encoder_id(clip_model), taxonomy)


def _identity(encoder_id: str, taxonomy: Taxonomy) -> ModelIdentity:
    return ModelIdentity(f"clip:{encoder_id}", photo_preparation="clip", decoding=f"labels:{labels_version(taxonomy)}")


class ZeroShotModel(VisionLanguageModel):
    """Scores label texts against photos. It uses the question's fields, not its text."""

    micro_batch = MICRO_BATCH

    def __init__(
        self,
        encoder: ImageTextEncoder,
        photo_vectors: Mapping[str, np.ndarray] | None = None,
        taxonomy: Taxonomy = SHIPPED.taxonomy,
    ):
        """`photo_vectors` are vectors that are already computed, by the hash of the photo's file."""
        from fashion_assets.extraction.backends.zero_shot.scoring import zero_shot_labels

        self.identity = _identity(encoder.model_id, taxonomy)
        self._encoder = encoder
        self._photo_vectors = photo_vectors or {}
        self._labels = zero_shot_labels(encoder, taxonomy)

    def prepare(self, photo: Image.Image, sha256: str = "") -> np.ndarray:
        """The photo's vector (dimension,), computed now unless it already was."""
        from fashion_assets.models.clip.encoder import require_sound

        if sha256 in self._photo_vectors:
            return self._photo_vectors[sha256]
        return require_sound(self._encoder.embed_photos([photo]), "photos", self._encoder)[0]

    def answer(self, photos: Sequence[np.ndarray], question: Question) -> list[Answer]:
        import numpy as np

        from fashion_assets.extraction.backends.zero_shot.scoring import zero_shot_answers

        started = time.perf_counter()
        answers = zero_shot_answers(np.stack(photos), question, self._labels)
        seconds = (time.perf_counter() - started) / len(photos)
        return [replace(answer, seconds=seconds) for answer in answers]
