"""Greedy decoding of a micro-batch under a grammar: the model only makes choices, and never writes what is forced.

The keys, quotes and braces between two choices are read together with the last choice, in one forward pass. The padding
of rows with different lengths is masked, so that every row is decoded as if it were alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fashion_assets.extraction.backends.transformers.grammar import GrammarState

if TYPE_CHECKING:
    import torch


class Reader(Protocol):
    """A model that is reading one text per row."""

    def read(self, tokens: Sequence[Sequence[int]]) -> "torch.Tensor":
        """Read more tokens of each row, at least one; logits (rows, vocabulary) of the token after the last."""
        ...

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all rows but these, which are renumbered from 0."""


@dataclass
class Decoded:
    """An answer's tokens, and by field key: the log-probability of its value among the allowed ones, and the smallest
    total probability of the allowed tokens at the start of a value or of a list's item."""

    tokens: list[int] = field(default_factory=list)
    log_probability: dict[str, float] = field(default_factory=dict)
    allowed_mass: dict[str, float] = field(default_factory=dict)
    choices: int = 0

    def choose(self, state: GrammarState, token: int, log_probability: float, allowed_mass: float) -> None:
        self.choices += 1
        self.tokens.append(token)
        key = state.field
        if key is None:
            return
        self.log_probability[key] = self.log_probability.get(key, 0.0) + log_probability
        if state.starts_value:
            self.allowed_mass[key] = min(self.allowed_mass.get(key, 1.0), allowed_mass)

    @property
    def probabilities(self) -> dict[str, float]:
        return {key: round(math.exp(value), 6) for key, value in self.log_probability.items()}


def decode(reader: Reader, logits: "torch.Tensor", start: GrammarState) -> list[Decoded]:
    """The greedy answer of each row; `logits` (rows, vocabulary) follow the prompt and `start.forced`."""
    answers = [Decoded(list(start.forced)) for _ in range(len(logits))]
    states = [start] * len(answers)
    open_rows = list(range(len(answers)))
    while open_rows:
        tokens, chances, masses = _choose(logits, [states[row] for row in open_rows])
        unread, still_open = [], []
        for position, row in enumerate(open_rows):
            answers[row].choose(states[row], tokens[position], chances[position], masses[position])
            states[row] = states[row].next(tokens[position])
            answers[row].tokens += states[row].forced
            if not states[row].is_final:
                still_open.append(position)
                unread.append([tokens[position], *states[row].forced])
        if still_open and len(still_open) < len(open_rows):
            reader.keep(still_open)
        open_rows = [open_rows[position] for position in still_open]
        if open_rows:
            logits = reader.read(unread)
    return answers


def _choose(logits: "torch.Tensor", states: Sequence[GrammarState]) -> tuple[list[int], list[float], list[float]]:
    """For each row: the likeliest allowed token, its log-probability among the allowed, and their total probability."""
    import torch

    width = max(len(state.allowed) for state in states)
    ids = np.zeros((len(states), width), np.int64)
    is_allowed = np.zeros((len(states), width), bool)
    for row, state in enumerate(states):
        ids[row, : len(state.allowed)] = state.allowed
        is_allowed[row, : len(state.allowed)] = True
    candidates = torch.from_numpy(ids).to(logits.device)
    logits = logits.float()
    scores = logits.gather(1, candidates).masked_fill(~torch.from_numpy(is_allowed).to(logits.device), -torch.inf)
    best, position = scores.max(dim=1)
    among = scores.logsumexp(dim=1)
    figures = torch.stack([best - among, (among - logits.logsumexp(dim=1)).exp()]).cpu()
    tokens = candidates.gather(1, position.unsqueeze(1)).squeeze(1)
    return tokens.tolist(), figures[0].tolist(), figures[1].tolist()
