"""Models that cost nothing: answers that pass the gates, and random vectors, behind the real models' seams."""

import json
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.models.clip.encoder import ImageTextEncoder
from fashion_assets.models.clip.vectors import normalise

DIMENSION = 64
IDENTITY = ModelIdentity("simulated", "none", "none")
UNREADABLE_SHARE = 0.03

_MATERIALS = {
    "Tshirts": "knit fabric",
    "Shirts": "woven fabric",
    "Jeans": "denim",
    "Dresses": "woven fabric",
    "Casual Shoes": "leather",
    "Sports Shoes": "synthetic",
    "Watches": "metal",
    "Handbags": "leather",
}
_COMMON = {
    "confidence": "high",
    "formality": "casual",
    "style_keywords": ["modern", "minimalist"],
    "details": ["has pockets"],
    "sleeves": "short sleeve",
    "fit": "regular",
    "collar": "collar",
}
_PATTERNS = ("solid color", "striped", "checkered", "floral print")


class SimulatedVlm(VisionLanguageModel):
    """Answers by the photo's hash; `article_types` has what each photo shows."""

    micro_batch = 64
    identity = IDENTITY

    def __init__(self, article_types: Mapping[str, str]):
        self._article_types = article_types

    def prepare(self, photo: Image.Image, sha256: str = "") -> str:
        return sha256

    def answer(self, photos: Sequence[str], question: Question) -> list[Answer]:
        return [self._answer(photo, question) for photo in photos]

    def _answer(self, photo: str, question: Question) -> Answer:
        chance = int(photo[:8], 16)
        values = {
            **_COMMON,
            "material": _MATERIALS[self._article_types[photo]],
            "pattern": _PATTERNS[chance % len(_PATTERNS)],
        }
        is_unreadable = chance / 2**32 < UNREADABLE_SHARE
        text = "no idea" if is_unreadable else json.dumps({key: values[key] for key in question.keys})
        sure = dict.fromkeys(question.keys, 0.9)
        return Answer(text, sure, sure, prompt_tokens=180, answer_tokens=25)


class SimulatedVlmResource:
    """Gives the model, as a VlmResource does."""

    price_per_hour: float | None = None

    def __init__(self, article_types: Mapping[str, str]):
        self._model = SimulatedVlm(article_types)

    def load(self, photo_vectors: Mapping[str, np.ndarray] | None = None) -> SimulatedVlm:
        return self._model

    def identity(self) -> ModelIdentity:
        return IDENTITY

    def describe(self) -> dict[str, str | int | float]:
        return {"device_name": "simulated"}


class SimulatedEncoder(ImageTextEncoder):
    """Random directions: a text's by the text, a photo's by the order of asking."""

    model_id = "simulated"
    dimension = DIMENSION
    context_length = 77
    logit_scale = 10.0

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def embed_photos(self, photos: Sequence[Image.Image]) -> np.ndarray:
        return normalise(self._rng.standard_normal((len(photos), DIMENSION)))

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        seeds = (zlib.crc32(text.encode()) for text in texts)
        return normalise(np.array([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds]))
