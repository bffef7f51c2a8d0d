"""Choosing tokens under a grammar, with a model whose logits are written down by hand."""

import math

import numpy as np
import pytest
import torch

from fashion_assets.extraction.backends.transformers.decoding import decode

A, B, C, D, END = range(5)
VOCABULARY = 5


class State:
    """A hand-made grammar: `tree` maps a token to the next state's (forced tokens, tree)."""

    def __init__(self, forced, tree, field=None, starts_value=False):
        self.forced, self.tree = forced, tree
        self.is_final = not tree
        self.allowed = np.array(sorted(tree), np.int64)
        self.field, self.starts_value = field, starts_value

    def next(self, token):
        return self.tree[token]


class Table:
    """Answers each read with the next of the logits that are set down for the row."""

    def __init__(self, *rows):
        self.rows = [list(row) for row in rows]
        self.reads = []

    def read(self, tokens):
        self.reads.append([list(row) for row in tokens])
        return torch.tensor([row.pop(0) for row in self.rows])

    def keep(self, rows):
        self.rows = [self.rows[row] for row in rows]


def grammar():
    """A or B for `x`; after A, C is forced and then C or D for `y`; after B all is done."""
    end = State([END], {})
    after_a = State([C], {C: end, D: end}, "y", True)
    return State([D], {A: after_a, B: end}, "x", True)


def logits(**chances):
    """Log-probabilities over the vocabulary."""
    return [math.log(chances.get(name, 1e-9)) for name in ("a", "b", "c", "d", "end")]


def test_rows_take_their_own_way_and_forced_tokens_are_read_with_the_choice():
    reader = Table([logits(c=0.1, d=0.4, end=0.5)], [])
    first = torch.tensor([logits(a=0.6, b=0.2, c=0.2), logits(a=0.1, b=0.3, end=0.6)])
    long, short = decode(reader, first, grammar())
    assert long.tokens == [D, A, C, D, END]
    assert short.tokens == [D, B, END]
    assert reader.reads == [[[A, C]]]  # the finished row reads nothing, the other its choice and what follows
    assert (long.choices, short.choices) == (2, 1)


def test_probability_is_among_the_allowed_and_mass_is_what_these_had_before():
    reader = Table([logits(c=0.1, d=0.4, end=0.5)])
    (answer,) = decode(reader, torch.tensor([logits(a=0.6, b=0.2, c=0.2)]), grammar())
    assert answer.probabilities == {"x": pytest.approx(0.75, abs=1e-5), "y": pytest.approx(0.8, abs=1e-5)}
    assert answer.allowed_mass == {"x": pytest.approx(0.8, abs=1e-5), "y": pytest.approx(0.5, abs=1e-5)}


def test_the_choice_is_the_likeliest_allowed_token_and_the_lower_one_of_two_equals():
    (forbidden,) = decode(Table(), torch.tensor([logits(c=0.98, b=0.01)]), grammar())
    assert forbidden.tokens == [D, B, END]
    (tie,) = decode(Table([logits(c=1.0)]), torch.tensor([logits(a=0.5, b=0.5)]), grammar())
    assert tie.tokens[1] == A


def test_mass_counts_only_where_a_value_begins_and_is_the_smallest_of_a_list():
    end = State([], {})
    item = State([], {C: end, D: end}, "x", True)
    inside = State([], {B: item, C: item}, "x", False)
    start = State([], {A: inside, B: inside}, "x", True)
    reader = Table([logits(b=0.01, end=0.99), logits(c=0.3, end=0.7)])
    (answer,) = decode(reader, torch.tensor([logits(a=0.9, end=0.1)]), start)
    assert answer.allowed_mass == {"x": pytest.approx(0.3, abs=1e-5)}
