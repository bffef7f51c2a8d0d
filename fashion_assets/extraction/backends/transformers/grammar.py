"""What a model may write next: a question's JSON schema as a state machine over tokens.

llguidance turns the schema into a grammar over the model's tokens; here its results are cached per state, since the
answers to one question share most of their states. Choosing tokens belongs to `decoding.py`.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fashion_assets.errors import ModelError
from fashion_assets.extraction.questions import Question

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer
    from llguidance._lib import JsonCompileOptions

# Exactly as `json.dumps` writes, so that the model never chooses between equivalent white space.
_WRITING: "JsonCompileOptions" = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}

_MOST_STATES = 20_000
"""Above this the cache is cleared; about 100 MB."""


class GrammarState:
    """A point in an answer where the model has a choice, or where the answer is complete.

    `forced` are the tokens that the grammar wrote since the last choice, `allowed` the ids (int64, ascending) that the
    next token may have; empty if `is_final`. `field` is the key of the field that the choice belongs to, and
    `starts_value` tells whether it is the first choice of a value (or of a list's item).
    """

    def __init__(self, matcher: "LLMatcher", tokens: list[int], grammar: "AnswerGrammar"):
        self.forced = matcher.compute_ff_tokens()
        if self.forced:
            matcher.consume_tokens(self.forced)
        self.tokens = [*tokens, *self.forced]
        self.is_final = matcher.is_stopped()
        self.allowed = np.empty(0, np.int64) if self.is_final else grammar.allowed_ids(matcher)
        self.field, self.starts_value = (None, False) if self.is_final else grammar.place(self.tokens)
        self._matcher = matcher
        self._grammar = grammar
        self._next: dict[int, GrammarState] = {}

    def next(self, token: int) -> "GrammarState":
        """The state after `token`, which must be allowed."""
        state = self._next.get(token)
        if state is None:
            matcher = self._matcher.deep_copy()
            matcher.consume_token(token)
            if matcher.is_error():
                reason = matcher.get_error().partition("\n")[0]
                raise ModelError(
                    value=f"The grammar refuses token {token} ({reason})",
                    rule="it had allowed that token",
                    remedy="report this with the prompt and the versions of llguidance and transformers",
                )
            state = self._next[token] = GrammarState(matcher, [*self.tokens, token], self._grammar)
            self._grammar.states += 1
        return state


class AnswerGrammar:
    """The answers to one question, in the tokens of one tokenizer."""

    def __init__(self, question: Question, tokenizer: "LLTokenizer"):
        """Raises ModelError if llguidance cannot enforce the question's schema."""
        from llguidance import LLMatcher

        self._keys = question.keys
        self._tokenizer = tokenizer
        self._grammar = LLMatcher.grammar_from_json_schema(json.dumps(question.schema), overrides=_WRITING)
        problem = LLMatcher.validate_grammar(self._grammar, tokenizer)
        if problem:
            raise ModelError(
                value=f"The JSON schema of '{question.id}' cannot be enforced ({problem})",
                rule="every answer must follow it",
                remedy="simplify the prompt's keys, or report this with the prompt",
            )
        self._begin()

    @property
    def start(self) -> GrammarState:
        """The state before the first choice; its `forced` is what every answer begins with."""
        if self.states > _MOST_STATES:
            self._begin()
        return self._start

    def allowed_ids(self, matcher: "LLMatcher") -> np.ndarray:
        from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

        bits = allocate_token_bitmask(1, self._tokenizer.vocab_size)
        fill_next_token_bitmask(matcher, bits, 0)
        return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))

    def place(self, tokens: Sequence[int]) -> tuple[str | None, bool]:
        """Which field's value the token after `tokens` belongs to, and whether it is the first of a value or item."""
        written = self._tokenizer.decode_bytes(list(tokens)).decode(errors="replace")
        position, key = max((written.rfind(f'"{key}":'), key) for key in self._keys)
        if position < 0:
            return None, False
        return key, re.fullmatch(r'\s*(\[.*,\s*|\[)?\s*"?', written[position + len(key) + 3 :]) is not None

    def _begin(self) -> None:
        from llguidance import LLMatcher

        self.states = 1
        self._start = GrammarState(LLMatcher(self._tokenizer, self._grammar), [], self)


@lru_cache(maxsize=8)
def constraint_tokenizer(tokenizer, vocabulary_size: int) -> "LLTokenizer":
    """llguidance's view of a Hugging Face tokenizer, for a model with `vocabulary_size` tokens."""
    from llguidance.hf import from_tokenizer

    return from_tokenizer(tokenizer, n_vocab=max(vocabulary_size, len(tokenizer)))
