"""CLIP zero-shot as a back end: answers from one vector per photo, thousands of products a minute without a GPU.

Label texts are in `zero_shot_labels.py`, the scoring is in `zero_shot.py`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.zero_shot_labels import labels_version

if TYPE_CHECKING:
    import numpy as np

    from fashion_assets.clip.encoder import ImageTextEncoder

MICRO_BATCH = 64
"""Photos handed to the encoder at once; it halves this itself where the GPU's memory is too small."""


def zero_shot_identity(clip_model: str) -> ModelIdentity:
    """The identity of answers by `clip_model` (as in FASHION_CLIP), without loading it.

    Raises ModelError when a folder is incomplete.
    """
    from fashion_assets.clip.open_clip_encoder import encoder_id

    return _identity(encoder_id(clip_model))


def _identity(encoder_id: str) -> ModelIdentity:
    return ModelIdentity(f"clip:{encoder_id}", photo_preparation="clip", decoding=f"labels:{labels_version()}")


class ZeroShotModel(VisionLanguageModel):
    """Scores label texts against photos. It reads the question's fields, not its text."""

    micro_batch = MICRO_BATCH

    def __init__(self, encoder: ImageTextEncoder):
        from fashion_assets.extraction.zero_shot import ZeroShotLabels

        self.identity = _identity(encoder.model_id)
        self._encoder = encoder
        self._labels = ZeroShotLabels(encoder)
        self._last: tuple[list[Image.Image], np.ndarray] | None = None

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        from fashion_assets.extraction.zero_shot import zero_shot_answers

        started = time.perf_counter()
        answers = zero_shot_answers(self._vectors(photos), question, self._labels)
        seconds = (time.perf_counter() - started) / max(len(photos), 1)
        return [replace(answer, seconds=seconds) for answer in answers]

    def _vectors(self, photos: Sequence[Image.Image]) -> np.ndarray:
        """The photos' vectors; those of the last call are kept, because all questions come about the same photos."""
        from fashion_assets.clip.encoder import require_sound

        if self._last is None or [id(photo) for photo in self._last[0]] != [id(photo) for photo in photos]:
            self._last = list(photos), require_sound(self._encoder.embed_photos(photos), "photos", self._encoder)
        return self._last[1]
