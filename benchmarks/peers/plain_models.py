"""The demo models by the ordinary calls of their libraries, as a user of a rival calls models in a function of his own.

Nothing of the project runs here: each question encodes its photos again, answers are written freely and greedily, the
libraries prepare photos as the models' files say, and torch chooses its threads. Photos are made square before, as the
VLM's card asks: without that it recognises nothing, and its answers are shorter.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image, ImageOps

from .calls import PHOTOS, QUESTIONS, TEXTS, note_calls
from .questions import AskedQuestion

BATCH = 32
"""Photos or texts a call: that of the batched functions in Pixeltable's manual, and of its built-in CLIP."""

WEIGHTS = Path(__file__).parents[2] / "fashion_assets" / "demo" / "weights"
VLM, CLIP = WEIGHTS / "demo-vlm", WEIGHTS / "demo-clip"

_LOADING = Lock()
"""Daft makes instances in several threads, and transformers can neither be imported nor load a model in two at once."""


def dimension() -> int:
    """Of the CLIP model's vectors; read from its configuration, without loading it."""
    return json.loads((CLIP / "open_clip_config.json").read_text())["model_cfg"]["embed_dim"]


class PlainVlm:
    """The demo VLM through the processor and `generate` of transformers."""

    def __init__(self) -> None:
        with _LOADING:
            from transformers import AutoModelForImageTextToText, AutoProcessor

            self._processor = AutoProcessor.from_pretrained(VLM)
            self._model = AutoModelForImageTextToText.from_pretrained(VLM)
        note_calls(self, "generate", QUESTIONS)

    def answer(
        self, photos: Sequence[Image.Image], categories: Sequence[Mapping[str, str]], question: AskedQuestion
    ) -> list[str | None]:
        """The raw answer about each photo; None where the question does not apply to the product's categories."""
        answers: list[str | None] = [None] * len(photos)
        applying = [row for row, of in enumerate(categories) if question.applies(of)]
        if applying:
            for row, text in zip(applying, self.generate([photos[row] for row in applying], question), strict=True):
                answers[row] = text
        return answers

    def generate(self, photos: Sequence[Image.Image], question: AskedQuestion) -> list[str]:
        """The raw answer about each photo; at least one photo."""
        content = [{"type": "image"}, {"type": "text", "text": question.text}]
        prompt = self._processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        inputs = self._processor(
            text=[prompt] * len(photos),
            images=[[_square(photo)] for photo in photos],
            return_tensors="pt",
            padding=True,
        )
        written = self._model.generate(**inputs, max_new_tokens=question.max_new_tokens)
        return self._processor.batch_decode(written[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


class PlainClip:
    """The demo CLIP model through open_clip."""

    def __init__(self) -> None:
        with _LOADING:
            import open_clip

            self._model, self._prepare = open_clip.create_model_from_pretrained(f"local-dir:{CLIP}")
            self._tokenizer = open_clip.get_tokenizer(f"local-dir:{CLIP}")
        self._model.eval()
        note_calls(self, "embed_photos", PHOTOS)
        note_calls(self, "embed_texts", TEXTS)

    def embed_photos(self, photos: Sequence[Image.Image]) -> np.ndarray:
        """Unit vectors (photos, dimension), float32."""
        import torch

        pixels = torch.stack([self._prepare(_square(photo)) for photo in photos])
        with torch.no_grad():
            return self._model.encode_image(pixels, normalize=True).numpy()

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors (texts, dimension), float32."""
        import torch

        with torch.no_grad():
            return self._model.encode_text(self._tokenizer(list(texts)), normalize=True).numpy()


def _square(photo: Image.Image) -> Image.Image:
    """The photo with white beside or above and below it."""
    return ImageOps.pad(photo.convert("RGB"), (max(photo.size), max(photo.size)), color="white")
