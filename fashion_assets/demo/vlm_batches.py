"""Training batches of the demo vision-language model: photos, spoiled a little, and asked questions with answers."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from transformers import Idefics3Processor

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.training_set import SIDE, TrainingSet
from fashion_assets.demo.vlm_model import END_OF_TURN, answer_text
from fashion_assets.demo.wordings import reworded
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.taxonomy import Collar, Confidence, Fit, Formality, Material, Pattern, Sleeves

_NOTHING_SHARE = 0.04
_PASSES = 2
"""How often a training set is shown before the next one is rendered."""
_WORDINGS = 900
_FEW_ASKED_WEIGHT = 2.5
"""How much more often a question is asked alone that only some products get: it would be learned last."""
_LENGTHS = 6
"""Wordings are asked together with others of about the same length, so that little is padded."""

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
"""The right answers about a photo that shows nothing, or nothing that belongs together."""


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
    """Photos that show nothing: plain, a gradient, or noise; uint8 (count, SIDE, SIDE, 3)."""
    photos = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for photo in photos:
        kind = rng.integers(4)
        if kind == 0:
            photo[:] = rng.integers(0, 256, 3) if rng.random() < 0.5 else rng.integers(0, 256)
        elif kind == 1:
            photo[:] = np.linspace(rng.integers(0, 256, 3), rng.integers(0, 256, 3), SIDE)[:, None]
        else:
            channels = int(rng.choice((1, 3)))
            grain = 1 if kind == 2 else int(rng.choice((2, 3, 4, 6, 12)))
            noise = rng.normal(rng.integers(60, 200), rng.uniform(10, 90), (SIDE // grain, SIDE // grain, channels))
            photo[:] = noise.repeat(grain, 0).repeat(grain, 1).clip(0, 255)
        if rng.random() < 0.5:  # as a photo of 3:4 is letterboxed
            photo[:, : SIDE // 8] = photo[:, -SIDE // 8 :] = 255
    return photos


def jumbled_photos(photos: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Photos whose pieces are shuffled, or two of which lie over each other; uint8 (n, SIDE, SIDE, 3) as `photos`."""
    jumbled = np.empty_like(photos)
    for place, photo in enumerate(photos):
        if rng.random() < 0.6:
            pieces = int(rng.choice((3, 4, 5, 6)))
            side = SIDE // pieces
            grid = photo.reshape(pieces, side, pieces, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
            grid = rng.permutation(grid).reshape(pieces, pieces, side, side, 3)
            jumbled[place] = grid.swapaxes(1, 2).reshape(SIDE, SIDE, 3)
        else:
            other = photos[rng.integers(len(photos))][::-1]
            jumbled[place] = (photo.astype(np.float32) + other) / 2
    return jumbled


class PhotoStream:
    """Training photos without end: every set is shown `_PASSES` times in random order, then the next one is taken."""

    def __init__(self, sets: Iterator[TrainingSet], seed: int):
        self.rng = np.random.default_rng(seed)
        self._sets = sets
        self._next_set()

    def draw(self, count: int) -> tuple[torch.Tensor, list[dict]]:
        """Spoiled photos (count, 3, SIDE, SIDE) with their truths; a few show nothing, or nothing whole."""
        if self._shown + count > len(self._order):
            self._next_set()
        chosen = self._order[self._shown : self._shown + count]
        self._shown += count
        photos, truths = self.data.photos[chosen], [_truth_of(self.data.products[i]) for i in chosen]
        nothing = int(self.rng.binomial(count, _NOTHING_SHARE))
        blank = nothing // 2
        photos[:blank] = blank_photos(blank, self.rng)
        photos[blank:nothing] = jumbled_photos(photos[blank:nothing], self.rng)
        truths[:nothing] = [NOTHING_SEEN] * nothing
        return spoiled(pixels_of(photos)), truths

    def _next_set(self) -> None:
        self.data = next(self._sets)
        self._order = np.concatenate([self.rng.permutation(len(self.data.products)) for _ in range(_PASSES)])
        self._shown = 0


def _weight(question: Question) -> float:
    return _FEW_ASKED_WEIGHT if question.applies_to else 1.0


def _truth_of(product: DemoProduct) -> dict:
    return product.truth | {"article": product.article.name, "colour": product.colour}


@dataclass(frozen=True)
class Asked:
    """Questions with answers: `ids` (m, t), right padded, ask about photo `photo_of` (m,).

    `answers` (m, t) marks the tokens to be predicted: the answer and the end of turn.
    """

    ids: torch.Tensor
    answers: torch.Tensor
    photo_of: torch.Tensor


class QuestionMaker:
    """Asks about photos; every question is tokenized once in all its wordings, and every distinct answer once."""

    def __init__(self, questions: list[Question], processor: Idefics3Processor, seed: int):
        self.questions, self.processor = questions, processor
        self.tokenizer = processor.tokenizer
        self.text_rng = random.Random(seed)
        self.originals = {q.id: self._tokenized(2 * [q.text]) for q in questions}
        by_length = {q.id: sorted(self._wordings(q), key=len) for q in questions}
        size = _WORDINGS // _LENGTHS
        self.variants = [
            {key: wordings[start : start + size] for key, wordings in by_length.items()}
            for start in range(0, _WORDINGS, size)
        ]
        self.answer_ids: dict[str, list[int]] = {}

    def ask(self, truths: list[dict], every: bool) -> Asked:
        """One of the questions that apply to each photo, or every one of them.

        Three of five batches ask in the project's own words; the others ask one question a photo in other words, which
        are many more tokens.
        """
        is_original = self.text_rng.random() < 0.6
        prompts = self.originals if is_original else self.text_rng.choice(self.variants)
        rows: list[tuple[list[int], list[int], int]] = []
        for number, truth in enumerate(truths):
            asked = [q for q in self.questions if truth[q.keys[0]] is not None]
            chosen = asked if every and is_original else self.text_rng.choices(asked, [_weight(q) for q in asked])
            rows += [(self.text_rng.choice(prompts[q.id]), self._answer(q, truth), number) for q in chosen]
        longest = max(len(prompt) + len(answer) for prompt, answer, _ in rows)
        ids = torch.full((len(rows), longest), self.tokenizer.pad_token_id)
        answers = torch.zeros((len(rows), longest), dtype=torch.bool)
        for row, (prompt, answer, _) in enumerate(rows):
            ids[row, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
            answers[row, len(prompt) : len(prompt) + len(answer)] = True
        return Asked(ids, answers, torch.tensor([number for _, _, number in rows]))

    def _answer(self, question: Question, truth: dict) -> list[int]:
        text = answer_text(question, truth) + END_OF_TURN
        if text not in self.answer_ids:
            self.answer_ids[text] = self.tokenizer(text)["input_ids"]
        return self.answer_ids[text]

    def _wordings(self, question: Question) -> list[list[int]]:
        return self._tokenized([reworded(question, self.text_rng) for _ in range(_WORDINGS)])

    def _tokenized(self, texts: list[str]) -> list[list[int]]:
        """Token ids of whole prompts; every other has the text before the photo, as engines that cache it do."""
        photo = torch.zeros(3, SIDE, SIDE, dtype=torch.uint8)
        one_photo = self.processor(text=["<image>"], images=[[photo]])["input_ids"][0]
        photo_tokens = self.tokenizer.decode(one_photo)
        chats = []
        for number, text in enumerate(texts):
            content = [{"type": "image"}, {"type": "text", "text": text}]
            if number % 2 == 1:
                content.reverse()
            message = [{"role": "user", "content": content}]
            chats.append(self.processor.apply_chat_template(message, add_generation_prompt=True))
        return self.tokenizer([chat.replace("<image>", photo_tokens) for chat in chats])["input_ids"]
