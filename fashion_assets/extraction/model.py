"""The interface of any vision-language model: photos and one question in, raw answers out.

Batching, the journal, parsing and failure handling are implemented once, in `extract.py`. The fake is simple enough for
tests to work out the expected answer by hand.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from PIL import Image

from fashion_assets.errors import ModelError
from fashion_assets.extraction.questions import Question


@dataclass(frozen=True)
class ModelIdentity:
    """Everything that determines a model's answer besides photo and question; known without loading the model.

    `model_id` names the model and its exact weights, `photo_preparation` how a photo is prepared for it, `decoding` how
    its answer is chosen; `is_bounded_by_tokens` tells whether a question's `max_new_tokens` may cut its answers.
    """

    model_id: str
    photo_preparation: str
    decoding: str
    is_bounded_by_tokens: bool = False


@dataclass(frozen=True)
class Answer:
    """A raw answer to one question about one photo.

    By field key: `probabilities` has the model's probability of its value among the allowed values; `allowed_mass` is
    the total probability of the allowed values before decoding was restricted to them, for a list the smallest over its
    items. Both are empty if the back end does not provide them. `arithmetic` estimates the FLOP spent on the answer
    (0: unknown). `failure` is the code of a temporary failure, such as a timeout: such an answer has no text and is not
    stored.
    """

    text: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    allowed_mass: Mapping[str, float] = field(default_factory=dict)
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    arithmetic: float = 0.0
    failure: str | None = None


class VisionLanguageModel(ABC):
    """A model that answers a question about photos.

    `micro_batch` is the largest number of photos per call of `answer`. The caller halves it when the model raises
    OutOfDeviceMemory, and asks all questions about one micro-batch before the next, so that a model can reuse its work
    on the photos. `asks_concurrently` tells whether `answer` may be called for several questions at the same time.
    """

    identity: ModelIdentity
    micro_batch: int
    asks_concurrently: bool = False

    def prepare(self, photo: Image.Image, sha256: str = "") -> Any:
        """The input of `answer` for an RGB photo whose file has this hash; called in threads, ahead of `answer`."""
        return photo

    @abstractmethod
    def answer(self, photos: Sequence[Any], question: Question) -> list[Answer]:
        """One answer per prepared photo, in order; at most `micro_batch` photos.

        Raises OutOfDeviceMemory, and ModelError when the model can no longer answer at all.
        """

    def stop(self) -> None:  # noqa: B027 - most models have nothing to stop
        """Make running calls of `answer` in other threads return soon, with failures for photos without an answer.

        Only for models with `asks_concurrently`; the others are called in the caller's own thread.
        """


class NeverAsked(VisionLanguageModel):
    """In place of a model that need not be loaded, because all answers are known."""

    micro_batch = 0

    def __init__(self, identity: ModelIdentity):
        self.identity = identity

    def answer(self, photos: Sequence[Any], question: Question) -> list[Answer]:
        raise ModelError(
            value=f"{len(photos)} photos are to be asked about, but '{self.identity.model_id}' was not loaded",
            rule="a model is left out only where all answers are known",
            remedy="run the batch again",
        )


class FakeVisionLanguageModel(VisionLanguageModel):
    """Answers from the photo's strongest colour channel, without any weights, and records the questions.

    Red is leather, striped and formal; green is denim, solid color and casual; blue is metal, checkered and athletic.
    `rewrite` turns the right answer into another text, to simulate a model that is broken in some way.
    """

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

    def __init__(self, rewrite: Callable[[str], str] = str, model_id: str = "fake"):
        self.identity = ModelIdentity(model_id, "none", "none")
        self.rewrite = rewrite
        self.asked: list[str] = []

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        self.asked.extend([question.id] * len(photos))
        return [self._answer(photo, question) for photo in photos]

    def _answer(self, photo: Image.Image, question: Question) -> Answer:
        red_green_blue = photo.convert("RGB").resize((1, 1)).tobytes()
        values = {**self.COMMON, **self.ANSWERS[red_green_blue.index(max(red_green_blue))]}
        text = json.dumps({key: values[key] for key in question.keys})
        certain = dict.fromkeys(question.keys, 1.0)
        return Answer(self.rewrite(text), certain, certain, prompt_tokens=10, answer_tokens=5)
