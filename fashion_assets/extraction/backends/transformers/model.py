"""The in-process back end: any SmolVLM / Idefics3 model, with as little computation as its answers allow.

A photo is encoded once for all questions, what prompts have in common is read once, and the model only decodes what the
grammar leaves open. The answers are those of plain greedy `generate` under the same constraint. Photos are letterboxed,
because the processor would distort photos that are not square.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from fashion_assets.errors import OutOfDeviceMemory
from fashion_assets.extraction.backends.transformers.decoding import Decoded, decode
from fashion_assets.extraction.backends.transformers.grammar import AnswerGrammar, constraint_tokenizer
from fashion_assets.extraction.backends.transformers.loading import load_model
from fashion_assets.extraction.backends.transformers.reader import CachedReader, KeysAndValues, repeat_rows, select_rows
from fashion_assets.extraction.micro_batch import fitting_micro_batch
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.models.device import DevicePlan, is_out_of_memory
from fashion_assets.models.photos import letterbox
from fashion_assets.models.weights import folder_identity, hub_identity

if TYPE_CHECKING:
    import torch

PROMPT_ORDERS = ("auto", "photo-first", "question-first")
"""What the model reads first. Either can be shared by many prompts: a photo by its questions, a question by all
photos. `auto` decides per question: the longer of the two comes first."""


_TILES_WHEN_SPLIT = 17  # of a square photo: 4 x 4, and the whole photo
_TEXT_TOKENS = 250  # a long question and its answer


@dataclass(frozen=True)
class AskingStyle:
    """How photos and questions are presented to the model; part of every answer's key."""

    image_splitting: bool = False
    prompt_order: str = "auto"


def vlm_identity(model: str, style: AskingStyle = AskingStyle()) -> ModelIdentity:
    """The identity of the model that `model` (a folder or a hub id) names, without loading it."""
    model_id = folder_identity(Path(model)) if Path(model).is_dir() else hub_identity(model)
    return ModelIdentity(
        model_id + ("+tiles" if style.image_splitting else ""),
        "letterbox;splitting=on" if style.image_splitting else "letterbox;resized once;splitting=off",
        "greedy;json-schema" + ("" if style.prompt_order == "auto" else f";{style.prompt_order}"),
    )


@dataclass(frozen=True)
class Prompt:
    """A question's tokens, cut where the photo's begin and end.

    `before` and `after` surround `photo`, which holds placeholders; the photo comes before the question's text when
    `is_photo_first`.
    """

    before: list[int]
    photo: list[int]
    after: list[int]
    is_photo_first: bool

    def __len__(self) -> int:
        return len(self.before) + len(self.photo) + len(self.after)

    @property
    def is_longer_than_its_photo(self) -> bool:
        """Whether sharing the question among photos saves more than sharing the photo among questions."""
        return len(self.before) + len(self.after) > len(self.photo)


class TransformersModel(VisionLanguageModel):
    """A loaded model and its processor."""

    def __init__(self, model: str, plan: DevicePlan, style: AskingStyle = AskingStyle()):
        """Load `model`; raises ModelError with one sentence if that fails."""
        self._processor, self._model = load_model(model, plan)
        self._style = style
        self._prompts: dict[str, Prompt] = {}
        self._grammars: dict[str, AnswerGrammar] = {}
        self._question_prefixes: dict[str, KeysAndValues] = {}
        self._encoded: _EncodedPhotos | None = None
        self.identity = vlm_identity(model, style)
        self.micro_batch = plan.micro_batch or fitting_micro_batch(plan.free_bytes(), self._bytes_per_photo())

    def prepare(self, photo: Image.Image, sha256: str = "") -> "torch.Tensor":
        """The photo's tiles as the model reads them, float32 (tiles, 3, height, width)."""
        images = self._processor.image_processor
        # Without tiles, enlarging to the size that they are cut from would only be undone, and takes most of the time.
        once = {} if self._style.image_splitting else {"size": dict(images.max_image_size), "do_pad": False}
        return images([letterbox(photo)], do_image_splitting=self._style.image_splitting, return_tensors="pt", **once)[
            "pixel_values"
        ][0]

    def answer(self, photos: Sequence["torch.Tensor"], question: Question) -> list[Answer]:
        import torch

        started = time.perf_counter()
        self._arithmetic = 0.0
        try:
            with torch.inference_mode():
                answers = self._answer(photos, question)
        except RuntimeError as error:  # torch.OutOfMemoryError is one; Apple GPUs and CPUs have no such class
            if not is_out_of_memory(error):
                raise
            self._encoded = None
            value = f"The model ran out of memory with {len(photos)} photos ({error})"
            raise OutOfDeviceMemory(value=value, rule="one call must fit into it", remedy="use fewer photos") from error
        seconds = (time.perf_counter() - started) / len(photos)
        prompt_tokens = len(self.prompt(question))
        return [
            Answer(
                text=self._processor.tokenizer.decode(answer.tokens).strip(),
                probabilities=answer.probabilities,
                allowed_mass={key: round(mass, 6) for key, mass in answer.allowed_mass.items()},
                prompt_tokens=prompt_tokens,
                answer_tokens=len(answer.tokens),
                seconds=seconds,
                arithmetic=self._arithmetic / len(photos),
            )
            for answer in answers
        ]

    def prompt(self, question: Question) -> Prompt:
        """The question's tokens, in the order of the style."""
        if question.text not in self._prompts:
            order = self._style.prompt_order
            prompt = self._tokenized(question, is_photo_first=order != "question-first")
            if order == "auto" and prompt.is_longer_than_its_photo:
                prompt = self._tokenized(question, is_photo_first=False)
            self._prompts[question.text] = prompt
        return self._prompts[question.text]

    def grammar(self, question: Question) -> AnswerGrammar:
        """The grammar of answers to the question."""
        if question.schema_hash not in self._grammars:
            tokenizer = constraint_tokenizer(
                self._processor.tokenizer, self._model.get_output_embeddings().out_features
            )
            self._grammars[question.schema_hash] = AnswerGrammar(question, tokenizer)
        return self._grammars[question.schema_hash]

    def _answer(self, photos: Sequence["torch.Tensor"], question: Question) -> list[Decoded]:
        prompt, start = self.prompt(question), self.grammar(question).start
        encoded = self._encode(photos)
        past, unread = self._shared_past(prompt, question, encoded)
        reader = CachedReader(self._model, past, len(photos))
        logits = reader.read_embedded(self._embedded([*unread, *start.forced], encoded.features[encoded.rows]))
        answers = decode(reader, logits, start)
        self._count_text(reader)
        return answers

    def _encode(self, photos: Sequence["torch.Tensor"]) -> "_EncodedPhotos":
        """The vision tower's features of the photos, computed now or for the question before."""
        import torch

        if self._encoded is not None:
            positions = {id(photo): row for row, photo in enumerate(self._encoded.photos)}
            if all(id(photo) in positions for photo in photos):
                self._encoded.rows = [positions[id(photo)] for photo in photos]
                return self._encoded
        self._encoded = None  # frees its memory before the next features are allocated
        pixels = torch.stack(list(photos)).to(self._model.device, self._model.dtype)
        features = torch.stack(list(self._model.get_image_features(pixels).pooler_output))
        self._encoded = _EncodedPhotos(list(photos), features, list(range(len(photos))))
        self._count_vision(pixels)
        return self._encoded

    def _shared_past(
        self, prompt: Prompt, question: Question, encoded: "_EncodedPhotos"
    ) -> tuple[KeysAndValues | None, list[int]]:
        """The cached part of the prompt, shared with another question or photo, and the tokens still to be read."""
        if prompt.is_photo_first:
            if encoded.keys_and_values is None:
                embedded = self._embedded([*prompt.before, *prompt.photo], encoded.features)
                encoded.keys_and_values = self._read_alone(embedded)
            return select_rows(encoded.keys_and_values, encoded.rows), prompt.after
        if question.text not in self._question_prefixes:
            embedded = self._embedded(prompt.before, encoded.features[:1])
            self._question_prefixes[question.text] = self._read_alone(embedded)
        return repeat_rows(self._question_prefixes[question.text], len(encoded.rows)), [*prompt.photo, *prompt.after]

    def _read_alone(self, embedded: "torch.Tensor") -> KeysAndValues:
        reader = CachedReader(self._model, None, len(embedded))
        reader.read_embedded(embedded)
        self._count_text(reader)
        return reader.keys_and_values

    def _embedded(self, tokens: list[int], features: "torch.Tensor") -> "torch.Tensor":
        """Embeddings (photos, tokens, width) of one token sequence, each photo's features at its placeholders."""
        import torch

        ids = torch.tensor(tokens, device=self._model.device)
        embedded = self._model.get_input_embeddings()(ids).expand(len(features), -1, -1).clone()
        is_photo = ids == self._model.config.image_token_id
        if is_photo.any():
            embedded[:, is_photo] = features.to(embedded.dtype)
        return embedded

    def _tokenized(self, question: Question, is_photo_first: bool) -> Prompt:
        photo, text = {"type": "image"}, {"type": "text", "text": question.text}
        content = [photo, text] if is_photo_first else [text, photo]
        written = self._processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True
        )
        ids = self._processor(
            text=[written],
            images=[[Image.new("RGB", (64, 64), "gray")]],
            do_image_splitting=self._style.image_splitting,
        )["input_ids"][0]
        placeholder = self._model.config.image_token_id
        first = ids.index(placeholder)
        end = len(ids) - ids[::-1].index(placeholder)
        return Prompt(ids[:first], ids[first:end], ids[end:], is_photo_first)

    def _count_text(self, reader: CachedReader) -> None:
        """2 FLOP per parameter and token (Kaplan et al. 2020, section 2.1), without the attention itself."""
        self._arithmetic += 2.0 * self._text_parameters * reader.tokens_read

    def _count_vision(self, pixels: "torch.Tensor") -> None:
        patch = self._model.config.vision_config.patch_size
        patches = pixels.shape[0] * pixels.shape[1] * (pixels.shape[-1] // patch) * (pixels.shape[-2] // patch)
        self._arithmetic += 2.0 * _count(self._model.model.vision_model) * patches

    def _bytes_per_photo(self) -> float:
        """Memory for one more photo in a micro-batch: its widest vision layer, three copies of its keys and values
        (read, selected, extended), and three of its logits in float32."""
        vision, text = self._model.config.vision_config, self._model.config.text_config
        number = self._model.dtype.itemsize
        tiles = _TILES_WHEN_SPLIT if self._style.image_splitting else 1
        patches = tiles * (vision.image_size // vision.patch_size) ** 2
        activations = patches * (2 * vision.intermediate_size + 6 * vision.hidden_size) * number
        tokens = patches / self._model.config.scale_factor**2 + _TEXT_TOKENS
        width = text.hidden_size // text.num_attention_heads * text.num_key_value_heads
        keys_and_values = 2 * text.num_hidden_layers * width * tokens * number
        return activations + 3 * keys_and_values + 3 * text.vocab_size * 4

    @cached_property
    def _text_parameters(self) -> int:
        return _count(self._model.model.text_model) - _count(self._model.get_input_embeddings())


@dataclass
class _EncodedPhotos:
    """The last micro-batch: its prepared photos, their features (photos, tokens, width), and the keys and values of the
    prompts' beginnings, if they begin with the photo. `rows` are those of the present call."""

    photos: list["torch.Tensor"]
    features: "torch.Tensor"
    rows: list[int]
    keys_and_values: KeysAndValues | None = None


def _count(module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
