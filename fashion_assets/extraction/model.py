"""The seam to any vision-language model: photos and one question in, raw answers out.

Batching, the journal, parsing and failure handling live outside it, once, in `extract.py`. The fake stands beside the
real thing so that tests can work out the expected answer by hand.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from PIL import Image

from fashion_assets.extraction.questions import Question


@dataclass(frozen=True)
class Answer:
    """A raw answer; `probabilities` gives, by field key, the model's probability of the value that it wrote."""

    text: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0


class VisionLanguageModel(ABC):
    """A model that answers a question about photos.

    `model_id` names the model and its exact weights, `photo_preparation` and `decoding` all else that may change an
    answer: together with photo and question they are the journal's key. `micro_batch` is the most photos per call.
    """

    model_id: str
    photo_preparation: str
    decoding: str
    micro_batch: int

    @abstractmethod
    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        """One answer per RGB photo, in order; at most `micro_batch` photos."""


class FakeVisionLanguageModel(VisionLanguageModel):
    """Answers from the photo's most intense colour channel, without any weights, and counts what it is asked.

    Red is leather, striped and formal; green is denim, solid color and casual; blue is metal, checkered and athletic.
    `rewrite` turns the right answer into another text, to play a model that is broken in some way.
    """

    model_id = "fake"
    photo_preparation = "none"
    decoding = "none"
    micro_batch = 4
    ANSWERS: ClassVar = (
        {"material": "leather", "pattern": "striped", "formality": "formal", "collar": "collar"},
        {"material": "denim", "pattern": "solid color", "formality": "casual", "collar": "crew neck"},
        {"material": "metal", "pattern": "checkered", "formality": "athletic", "collar": "v-neck"},
    )
    COMMON: ClassVar = {
        "confidence": "high",
        "style_keywords": ["modern"],
        "details": ["has pockets"],
        "sleeves": "long sleeve",
        "fit": "regular",
    }

    def __init__(self, rewrite: Callable[[str], str] = str):
        self.rewrite = rewrite
        self.asked: list[str] = []

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        self.asked.extend([question.id] * len(photos))
        return [self._answer(photo, question) for photo in photos]

    def _answer(self, photo: Image.Image, question: Question) -> Answer:
        red_green_blue = photo.resize((1, 1)).getpixel((0, 0))
        known = {**self.COMMON, **self.ANSWERS[red_green_blue.index(max(red_green_blue))]}
        text = json.dumps({key: known[key] for key in question.keys})
        return Answer(self.rewrite(text), dict.fromkeys(question.keys, 1.0), prompt_tokens=10, answer_tokens=5)
