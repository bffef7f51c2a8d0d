"""The paraphrases that judge the demo model: complete prompts, and none that its training could have made."""

import random
import re
from collections.abc import Iterator

import pytest

from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.extraction.questions import Question
from training.evaluation import paraphrases
from training.evaluation.paraphrases import PARAPHRASES, paraphrased
from training.vlm import wordings

_WORDS_OF_A_SENTENCE = 5


def all_texts() -> list[str]:
    return [text for texts in PARAPHRASES.values() for text in texts]


def texts_in(value: object) -> Iterator[str]:
    """All texts in nested tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in (*value, *value.values()):
            yield from texts_in(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from texts_in(inner)


def folded(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9'-]+", text.lower()))


def trained_sentences() -> set[str]:
    """Everything of five words or more, between gaps, that the training wordings are composed of."""
    tables = {name: value for name, value in vars(wordings).items() if not name.startswith("__")}
    fragments = [folded(part) for text in texts_in(tables) for part in re.split(r"\{\w+\}|[.\n]", text)]
    return {fragment for fragment in fragments if len(fragment.split()) >= _WORDS_OF_A_SENTENCE}


def test_each_question_has_five_that_differ(questions: list[Question]):
    assert set(PARAPHRASES) == {question.id for question in questions}
    assert {len(texts) for texts in PARAPHRASES.values()} == {paraphrases.COUNT} == {5}
    assert len(set(all_texts())) == 15


def test_they_ask_for_the_same_keys_and_values(questions: list[Question]):
    for question in questions:
        for number in range(paraphrases.COUNT):
            other = paraphrased(question, number)
            assert other.fields == question.fields
            assert other.text != question.text
            for key in question.keys:
                assert re.search(rf"\b{key}\b", other.text)
                listed = ATTRIBUTES[key].vocabulary.values()
                assert [value for value in listed if not re.search(rf"\b{value}\b", other.text)] == []
                assert ", ".join(listed) not in other.text  # in another order than the shipped prompt's


def test_they_share_no_sentence_with_the_shipped_prompts(questions: list[Question]):
    lines = {folded(line) for question in questions for line in question.text.splitlines()}
    assert len(lines) > 10
    assert [(line, text) for line in lines for text in all_texts() if line in folded(text)] == []


def test_they_share_no_sentence_with_the_training_wordings():
    sentences = trained_sentences()
    assert "name the material and the pattern of this fashion product" in sentences
    assert [(sentence, text) for sentence in sentences for text in all_texts() if sentence in folded(text)] == []


@pytest.mark.parametrize("seed", range(3))
def test_training_never_draws_one(questions: list[Question], seed: int):
    rng = random.Random(seed)
    drawn = {folded(wordings.reworded(question, rng)) for question in questions for _ in range(300)}
    assert drawn.isdisjoint(map(folded, all_texts()))
