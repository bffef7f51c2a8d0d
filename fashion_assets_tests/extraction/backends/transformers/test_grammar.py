"""What a model may write next, in the tokens of the demo model and of a tokenizer that knows single bytes only."""

import json
import random

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from fashion_assets.demo.models import vlm_folder
from fashion_assets.errors import ModelError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.transformers.grammar import AnswerGrammar, constraint_tokenizer
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Value


def bytes_tokenizer() -> PreTrainedTokenizerFast:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate([*letters, "</s>"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>")


@pytest.fixture(scope="module", params=["demo", "bytes"])
def tokenizer(request):
    return AutoTokenizer.from_pretrained(vlm_folder()) if request.param == "demo" else bytes_tokenizer()


def grammar(question: Question, tokenizer) -> AnswerGrammar:
    return AnswerGrammar(question, constraint_tokenizer(tokenizer, len(tokenizer)))


def walk(question, tokenizer, choose):
    """The states of one answer, from the start to the end."""
    state = grammar(question, tokenizer).start
    states = [state]
    while not state.is_final:
        state = state.next(choose(state))
        states.append(state)
    return states


def test_every_way_through_is_a_valid_answer(questions, tokenizer):
    rng = random.Random(0)
    for question in questions:
        for _ in range(50):
            end = walk(question, tokenizer, lambda state: int(rng.choice(state.allowed)))[-1]
            text = tokenizer.decode(end.tokens)
            assert tuple(json.loads(text)) == question.keys
            assert parse_answer(text, question).errors == []


def test_choices_belong_to_the_fields_in_their_order(questions, tokenizer):
    for question in questions:
        states = walk(question, tokenizer, lambda state: int(state.allowed[-1]))[:-1]
        fields = [state.field for state in states]
        assert list(dict.fromkeys(fields)) == list(question.keys)
        for key in question.keys:
            assert next(state for state in states if state.field == key).starts_value


def test_what_is_forced_needs_no_choice(questions, tokenizer):
    question = questions[0]
    state = grammar(question, tokenizer).start
    assert tokenizer.decode(state.forced).startswith('{"collar":')
    assert all(len(state.allowed) > 1 for state in walk(question, tokenizer, lambda s: int(s.allowed[0]))[:-1])


def test_only_the_first_token_of_a_value_or_item_starts_it(questions):
    tokenizer = bytes_tokenizer()
    question = next(q for q in questions if "details" in q.keys)
    wanted = iter('casual["modern", "vintage"]["logo"]')
    started = []

    def choose(state):
        written = tokenizer.decode(state.tokens)
        character = next(c for c in wanted if tokenizer.convert_tokens_to_ids(c.replace(" ", "Ġ")) in state.allowed)
        if state.starts_value:
            started.append((state.field, written[-12:] + character))
        return tokenizer.convert_tokens_to_ids(character.replace(" ", "Ġ"))

    end = walk(question, tokenizer, choose)[-1]
    assert json.loads(tokenizer.decode(end.tokens)) == {
        "formality": "casual",
        "style_keywords": ["modern", "vintage"],
        "details": ["has logo"],
    }
    assert [field for field, _ in started].count("formality") == 1
    assert [text[-1] for field, text in started if field == "style_keywords"].count("v") == 1


def test_states_are_kept_and_forgotten(questions, tokenizer, monkeypatch):
    import fashion_assets.extraction.backends.transformers.grammar as module

    answers = grammar(questions[0], tokenizer)
    state = answers.start.next(int(answers.start.allowed[-1]))
    assert answers.start.next(int(answers.start.allowed[-1])) is state
    monkeypatch.setattr(module, "_MOST_STATES", 1)
    assert answers.start.next(int(answers.start.allowed[-1])) is not state


def test_a_schema_that_cannot_be_enforced_is_refused(questions, tokenizer):
    class Unholdable:
        id, keys, schema = "broken", ("a",), {"type": "object", "properties": {"a": {"not": {}}}, "required": ["a"]}

    with pytest.raises(ModelError, match="JSON schema of 'broken' cannot be enforced"):
        AnswerGrammar(Unholdable(), constraint_tokenizer(tokenizer, len(tokenizer)))


def test_a_new_value_of_the_taxonomy_may_be_said(tokenizer):
    bigger = SHIPPED.taxonomy.with_value("material", Value("suede"))
    question = next(q for q in load_questions(default_prompts_folder(), bigger) if "material" in q.keys)
    wanted = tokenizer.encode('{"material": "suede"', add_special_tokens=False)
    state = grammar(question, tokenizer).start
    while len(state.tokens) < len(wanted):
        assert wanted[len(state.tokens)] in state.allowed
        state = state.next(wanted[len(state.tokens)])
    assert tokenizer.decode(state.tokens).startswith('{"material": "suede"')
