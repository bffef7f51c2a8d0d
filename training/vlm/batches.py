"""Training batches of the demo vision-language model: photos, spoiled a little, and asked questions with answers."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from transformers import Idefics3Processor

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.models import SIDE
from fashion_assets.extraction.questions import Question
from training.training_set import TrainingSet
from training.vlm.distractors import NOTHING_SEEN, distractors
from training.vlm.model import END_OF_TURN, answer_text
from training.vlm.wordings import reworded

_NOTHING_SHARE = 0.08
_PASSES = 3
"""How often a training set is shown before the next one is rendered."""
_FARTHEST = 5
"""Pixels by which a photo is shifted at most."""
_WORDINGS = 900
_FEW_ASKED_WEIGHT = 2.5
"""How much more often a question is asked alone that only some products get: it would be learned last."""
_LENGTHS = 6
"""Wordings are asked together with others of about the same length, so that little is padded."""
_MOST_TOKENS = 6000
"""Of the questions of a batch; long wordings are used for some of its photos only."""


def pixels_of(photos: np.ndarray) -> torch.Tensor:
    """uint8 (n, SIDE, SIDE, 3) to the processor's normalised float (n, 3, SIDE, SIDE), -1 to 1."""
    return torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1


def spoiled(pixels: torch.Tensor) -> torch.Tensor:
    """Each photo mirrored half of the time, shifted by up to `_FARTHEST` pixels, with other contrast and noise."""
    room = F.pad(pixels, (_FARTHEST,) * 4, mode="replicate")
    starts = torch.randint(2 * _FARTHEST + 1, (len(pixels), 2)).tolist()
    pixels = torch.stack([photo[:, y : y + SIDE, x : x + SIDE] for photo, (y, x) in zip(room, starts, strict=True)])
    is_mirrored = torch.rand(len(pixels), 1, 1, 1) < 0.5
    pixels = torch.where(is_mirrored, pixels.flip(3), pixels)
    contrast = 1 + 0.06 * torch.randn(len(pixels), 1, 1, 1)
    return pixels * contrast + 0.04 * torch.randn(len(pixels), 3, 1, 1) + 0.02 * torch.randn_like(pixels)


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
        photos[:nothing] = distractors(photos[:nothing], self.rng)
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
    """Makes questions about photos; each is tokenized once in all its wordings, and every distinct answer once."""

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
        """One of the questions that apply to each photo, or every one of them, those for few products twice.

        Three of five batches ask in the project's own words; the others ask one question a photo in other words, which
        are many more tokens.
        """
        is_original = self.text_rng.random() < 0.6
        prompts = self.originals if is_original else self.text_rng.choice(self.variants)
        longest = max(len(wording) for wordings in prompts.values() for wording in wordings)
        numbers = self.text_rng.sample(range(len(truths)), min(len(truths), max(1, _MOST_TOKENS // longest)))
        rows: list[tuple[list[int], list[int], int]] = []
        for number, truth in ((number, truths[number]) for number in numbers):
            applicable = [q for q in self.questions if truth[q.keys[0]] is not None]
            if every and is_original:
                chosen = applicable + [q for q in applicable if q.applies_to]
            else:
                chosen = self.text_rng.choices(applicable, [_weight(q) for q in applicable])
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
