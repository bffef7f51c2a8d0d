"""Training batches of the demo vision-language model: photos, spoiled a little, and asked questions with answers."""

import random
from dataclasses import dataclass

import numpy as np
import torch
from transformers import Idefics3Processor

from fashion_assets.demo.training_set import SIDE, TrainingSet
from fashion_assets.demo.vlm_model import END_OF_TURN, answer_text
from fashion_assets.demo.wordings import reworded
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.taxonomy import Collar, Confidence, Fit, Formality, Material, Pattern, Sleeves

_BLANK_SHARE = 0.02
_WORDINGS = 500

NOTHING_SEEN = {
    "material": Material.UNKNOWN.value,
    "pattern": Pattern.NO_CLEAR.value,
    "confidence": Confidence.LOW.value,
    "formality": Formality.CASUAL.value,
    "style_keywords": [],
    "details": [],
    "collar": Collar.NOT_APPLICABLE.value,
    "sleeves": Sleeves.NOT_APPLICABLE.value,
    "fit": Fit.CANNOT_DETERMINE.value,
    "article": None,
    "colour": None,
}
"""The right answers about a blank photo or noise."""


def pixels_of(photos: np.ndarray) -> torch.Tensor:
    """uint8 (n, SIDE, SIDE, 3) to the processor's normalised float (n, 3, SIDE, SIDE), -1 to 1."""
    return torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1


def spoiled(pixels: torch.Tensor) -> torch.Tensor:
    """Mirrored half of the time, shifted by up to four pixels, with other contrast and noise."""
    if torch.rand(()) < 0.5:
        pixels = pixels.flip(3)
    down, right = torch.randint(-4, 5, (2,)).tolist()
    pixels = torch.roll(pixels, (down, right), (2, 3))
    contrast = 1 + 0.06 * torch.randn(len(pixels), 1, 1, 1)
    return pixels * contrast + 0.04 * torch.randn(len(pixels), 3, 1, 1) + 0.02 * torch.randn_like(pixels)


def blank_photos(count: int, rng: np.random.Generator) -> np.ndarray:
    """Photos that show nothing: plain grey or coloured, gradients, and noise; uint8 (count, SIDE, SIDE, 3)."""
    photos = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for photo in photos:
        kind = rng.integers(3)
        if kind == 0:
            photo[:] = rng.integers(0, 256, 3) if rng.random() < 0.5 else rng.integers(0, 256)
        elif kind == 1:
            photo[:] = np.linspace(rng.integers(0, 256, 3), rng.integers(0, 256, 3), SIDE)[:, None]
        else:
            photo[:] = rng.normal(rng.integers(60, 200), rng.uniform(10, 90), photo.shape).clip(0, 255)
        if rng.random() < 0.3:
            photo[:, : SIDE // 8] = photo[:, -SIDE // 8 :] = 255  # as letterboxed
    return photos


@dataclass(frozen=True)
class Batch:
    """`pixels` (n, 3, SIDE, SIDE) with `truths`; `ids` (m, t), right padded, ask about photo `photo_of` (m,).

    `answers` (m, t) marks the tokens to be predicted: the answer and the end of turn.
    """

    pixels: torch.Tensor
    truths: list[dict]
    ids: torch.Tensor
    answers: torch.Tensor
    photo_of: torch.Tensor


class BatchMaker:
    """Draws batches; every question is tokenized once in all its wordings, and every distinct answer once."""

    def __init__(self, data: TrainingSet, questions: list[Question], processor: Idefics3Processor, seed: int):
        self.data, self.questions, self.processor = data, questions, processor
        self.tokenizer = processor.tokenizer
        self.rng, self.text_rng = np.random.default_rng(seed), random.Random(seed)
        self.truths = [
            product.truth | {"article": product.article.name, "colour": product.colour} for product in data.products
        ]
        self.originals = {q.id: self._tokenized(4 * [q.text]) for q in questions}
        self.variants = {
            q.id: self._tokenized([reworded(q, self.text_rng) for _ in range(_WORDINGS)]) for q in questions
        }
        self.answer_ids: dict[str, list[int]] = {}

    def photos(self, count: int) -> tuple[torch.Tensor, list[dict]]:
        """Spoiled photos with their truths; a few show nothing."""
        chosen = self.rng.integers(0, len(self.truths), count)
        photos, truths = self.data.photos[chosen], [self.truths[i] for i in chosen]
        blanks = int(self.rng.binomial(count, _BLANK_SHARE))
        if blanks:
            photos[:blanks] = blank_photos(blanks, self.rng)
            truths[:blanks] = [NOTHING_SEEN] * blanks
        return spoiled(pixels_of(photos)), truths

    def batch(self, photo_count: int, questions_per_photo: int) -> Batch:
        """Photos, each with up to `questions_per_photo` of the questions that apply to it.

        Two of three batches ask in the project's own words; every third asks one question a photo in other words,
        which are many more tokens.
        """
        pixels, truths = self.photos(photo_count)
        is_original = self.text_rng.random() < 2 / 3
        prompts = self.originals if is_original else self.variants
        rows: list[tuple[list[int], list[int], int]] = []
        for number, truth in enumerate(truths):
            asked = [q for q in self.questions if truth[q.keys[0]] is not None]
            chosen = self.text_rng.sample(asked, min(len(asked), questions_per_photo if is_original else 1))
            rows += [(self.text_rng.choice(prompts[q.id]), self._answer(q, truth), number) for q in chosen]
        longest = max(len(prompt) + len(answer) for prompt, answer, _ in rows)
        ids = torch.full((len(rows), longest), self.tokenizer.pad_token_id)
        answers = torch.zeros((len(rows), longest), dtype=torch.bool)
        for row, (prompt, answer, _) in enumerate(rows):
            ids[row, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
            answers[row, len(prompt) : len(prompt) + len(answer)] = True
        return Batch(pixels, truths, ids, answers, torch.tensor([number for _, _, number in rows]))

    def _answer(self, question: Question, truth: dict) -> list[int]:
        text = answer_text(question, truth) + END_OF_TURN
        if text not in self.answer_ids:
            self.answer_ids[text] = self.tokenizer(text)["input_ids"]
        return self.answer_ids[text]

    def _tokenized(self, texts: list[str]) -> list[list[int]]:
        """Token ids of whole prompts; every fourth has the text before the photo, as engines that cache it do."""
        photo = torch.zeros(3, SIDE, SIDE, dtype=torch.uint8)
        one_photo = self.processor(text=["<image>"], images=[[photo]])["input_ids"][0]
        photo_tokens = self.tokenizer.decode(one_photo)
        chats = []
        for number, text in enumerate(texts):
            content = [{"type": "image"}, {"type": "text", "text": text}]
            if number % 4 == 3:
                content.reverse()
            message = [{"role": "user", "content": content}]
            chats.append(self.processor.apply_chat_template(message, add_generation_prompt=True))
        return self.tokenizer([chat.replace("<image>", photo_tokens) for chat in chats])["input_ids"]
