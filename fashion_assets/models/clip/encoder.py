"""The interface to any model that embeds photos and texts into one space, and a fake that implements it.

Which photos and texts are embedded belongs to the slices; the real model is in `open_clip_encoder.py`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor

from fashion_assets.errors import ModelError
from fashion_assets.models.clip.vectors import are_unit, normalise


class ImageTextEncoder(ABC):
    """Embeds photos and texts so that a photo and a matching text point in the same direction.

    `model_id` differs for different weights, so that vectors of two models are never compared; `dimension` is the
    number of components of a vector; texts are cut at `context_length` tokens; `logit_scale` is the factor by which the
    model was trained to multiply cosines before a softmax over texts.
    """

    model_id: str
    dimension: int
    context_length: int
    logit_scale: float

    @abstractmethod
    def embed_photos(self, photos: Sequence[Image.Image]) -> np.ndarray:
        """RGB photos of any sizes to a float32 array (photos, dimension) of unit vectors."""

    @abstractmethod
    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Texts to a float32 array (texts, dimension) of unit vectors."""


def require_sound(vectors: np.ndarray, of: str, encoder: ImageTextEncoder) -> np.ndarray:
    """`vectors` of photos or texts from `encoder`; raises ModelError if one is not finite or not of length 1."""
    malformed = int((~are_unit(vectors)).sum())
    if malformed:
        raise ModelError(
            value=(
                f"The CLIP model '{encoder.model_id}' returned {malformed} vectors of {len(vectors)} {of} "
                "that are not finite or not of length 1"
            ),
            rule="all must be, so none of them was stored",
            remedy="set FASHION_DTYPE=float32 if half precision overflows, or set FASHION_CLIP to intact weights",
        )
    return vectors


COLORS = {
    name: np.array(ImageColor.getrgb(name)) / 255 for name in ("red", "green", "blue", "yellow", "white", "black")
}
"""Colour words as Pillow renders them, 0..1: red is (1, 0, 0), green is (0, 0.5, 0)."""


class FakeEncoder(ImageTextEncoder):
    """Sees only colour: a vector is (red, green, blue, 1), each colour 0..1, scaled to unit length.

    A photo's colour is its mean, a text's is the mean of the colour words in it (none: black). So "red shirt" matches a
    red photo exactly (cosine 1), a black one with 1/sqrt(2) = 0.71, and a blue one with 0.5.
    """

    dimension = 4
    context_length = 77
    logit_scale = 10.0

    def __init__(self, model_id: str = "fake-colors"):
        self.model_id = model_id

    def embed_photos(self, photos: Sequence[Image.Image]) -> np.ndarray:
        return self._embed([np.asarray(photo).reshape(-1, 3).mean(axis=0) / 255 for photo in photos])

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        words = [re.findall(r"\w+", text.lower())[: self.context_length] for text in texts]
        return self._embed([np.mean([COLORS[w] for w in ws if w in COLORS] or [(0, 0, 0)], axis=0) for ws in words])

    def _embed(self, colors: list[np.ndarray]) -> np.ndarray:
        return normalise(np.array([[*color, 1] for color in colors], dtype=np.float32).reshape(-1, self.dimension))
