"""The reference, the engine, and the engine without each of its ingredients, all behind the extraction's own seam."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction.backends.transformers.decoding import Decoded
from fashion_assets.extraction.backends.transformers.grammar import GrammarState
from fashion_assets.extraction.backends.transformers.model import AskingStyle, Prompt, TransformersModel
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.photos import letterbox


class Reference(VisionLanguageModel):
    """A plain notebook loop: one photo, one question, `processor`, `generate`, no constraint.

    A model that knows nothing would never end its answers, so that one is held to the taxonomy by a logits processor.
    """

    micro_batch = 1
    needs_knowledge = False

    def __init__(self, model: str, plan: DevicePlan):
        self._engine = TransformersModel(model, plan, AskingStyle(prompt_order="photo-first"))
        self._is_held = Path(model) != vlm_folder()
        self.identity = ModelIdentity("reference", "letterbox", "generate")

    @classmethod
    def load(cls, model: str, plan: DevicePlan) -> "Reference":
        return cls(model, plan)

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        processor, model = self._engine._processor, self._engine._model
        message = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question.text}]}]
        inputs = processor(
            text=processor.apply_chat_template(message, add_generation_prompt=True),
            images=[letterbox(photo) for photo in photos],
            do_image_splitting=False,
            size=dict(processor.image_processor.max_image_size),  # as the engine, so that both see the same pixels
            return_tensors="pt",
        ).to(model.device)
        inputs["pixel_values"] = inputs["pixel_values"].to(model.dtype)
        started = time.perf_counter()
        length, end = inputs["input_ids"].shape[1], processor.tokenizer.eos_token_id
        held = [_Held(self._engine.grammar(question).start, length, end)] if self._is_held else None
        with torch.inference_mode():
            output = model.generate(
                **inputs, do_sample=False, max_new_tokens=question.max_new_tokens, logits_processor=held
            )
        tokens = output[0, length:]
        text = processor.decode(tokens, skip_special_tokens=True).strip()
        return [Answer(text, answer_tokens=len(tokens), seconds=time.perf_counter() - started)]


class _Held:
    """A logits processor that allows what the grammar allows, one token at a time."""

    def __init__(self, start: GrammarState, prompt_length: int, end: int):
        self._state = _OneByOne(start)
        self._read = prompt_length
        self._end = np.array([end])

    def __call__(self, ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        for token in ids[0, self._read :].tolist():
            self._state = self._state.next(token)
        self._read = ids.shape[1]
        mask = torch.full_like(logits, -torch.inf)
        allowed = self._end if self._state.is_final else self._state.allowed
        mask[:, torch.from_numpy(allowed).to(logits.device)] = 0
        return logits + mask


class Engine(TransformersModel):
    """The pipeline's model in the reference's prompt order, so that answers can be compared."""

    needs_knowledge = False
    order = "photo-first"

    @classmethod
    def load(cls, model: str, plan: DevicePlan) -> "Engine":
        return cls(model, plan, AskingStyle(prompt_order=cls.order))


class QuestionFirst(Engine):
    order = "question-first"


class WithoutSharedVision(Engine):
    """The photo is encoded again for every question."""

    def _encode(self, photos):
        self._encoded = None
        return super()._encode(photos)


class WithoutSharedPrefix(Engine):
    """Every prompt is read from its first token."""

    def _shared_past(self, prompt: Prompt, question: Question, cache):
        return None, [*prompt.before, *prompt.photo, *prompt.after]


class OneProduct(Engine):
    """One photo at a time."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.micro_batch = 1


class WithoutPreparingAhead(Engine):
    """Photos are prepared when the model needs them, not in threads beforehand."""

    def prepare(self, photo: Image.Image, sha256: str = "") -> "_Unprepared":
        return _Unprepared(photo)

    def answer(self, photos: Sequence["_Unprepared"], question: Question) -> list[Answer]:
        for photo in photos:
            if photo.ready is None:
                photo.ready = super().prepare(photo.image)
        return super().answer([photo.ready for photo in photos], question)


@dataclass
class _Unprepared:
    image: Image.Image
    ready: torch.Tensor | None = None


class EveryTokenAskedFor(Engine):
    """Held to the taxonomy, but forced tokens are asked for one by one like any other."""

    def grammar(self, question: Question) -> "_Start":
        return _Start(_OneByOne(super().grammar(question).start))


class WithoutConstraint(Engine):
    """Plain greedy decoding of whole micro-batches until the model ends its answer."""

    needs_knowledge = True

    def grammar(self, question: Question) -> "_Start":
        size = self._model.get_output_embeddings().out_features
        end = self._processor.tokenizer.eos_token_id
        return _Start(_Free(np.arange(size), end, question.max_new_tokens))

    def _answer(self, photos, question: Question) -> list[Decoded]:
        answers = super()._answer(photos, question)
        end = self._processor.tokenizer.eos_token_id
        return [Decoded([token for token in answer.tokens if token != end]) for answer in answers]


@dataclass(frozen=True)
class _Start:
    start: object


class _OneByOne:
    """A grammar state that lets each forced token be chosen, from one."""

    def __init__(self, state: GrammarState, position: int = 0):
        self._state, self._position = state, position
        is_within = position < len(state.forced)
        self.forced: list[int] = []
        self.is_final = state.is_final and not is_within
        self.allowed = np.array([state.forced[position]]) if is_within else state.allowed
        self.field, self.starts_value = state.field, state.starts_value and not is_within

    def next(self, token: int) -> "_OneByOne":
        if self._position < len(self._state.forced):
            return _OneByOne(self._state, self._position + 1)
        return _OneByOne(self._state.next(token))


class _Free:
    """A state in which everything may be written, up to a length."""

    forced: list[int] = []  # noqa: RUF012
    field, starts_value = None, False

    def __init__(self, everything: np.ndarray, end: int, left: int, is_final: bool = False):
        self.allowed, self._end, self._left, self.is_final = everything, end, left, is_final

    def next(self, token: int) -> "_Free":
        is_final = token == self._end or self._left <= 1
        return _Free(self.allowed, self._end, self._left - 1, is_final)


VARIANTS = {
    "reference": Reference,
    "engine": Engine,
    "without the shared vision pass": WithoutSharedVision,
    "without the shared prefix": WithoutSharedPrefix,
    "constrained, every token asked for": EveryTokenAskedFor,
    "one product at a time": OneProduct,
    "without preparing ahead": WithoutPreparingAhead,
    "without constraint": WithoutConstraint,
    "engine, question first": QuestionFirst,
}
