"""Which object of a text is the answer: among drafts, schemas and thoughts, in wrappers, and with other spellings."""

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.extraction.answer_objects import find_answer, is_whole_answer
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.questions import default_prompts_folder, load_questions

QUESTIONS = {question.id: question for question in load_questions(default_prompts_folder())}
MATERIAL, STYLE = QUESTIONS["material_and_pattern"], QUESTIONS["style_and_formality"]
ANSWER = {"material": "denim", "pattern": "striped", "confidence": "high"}
DRAFT = {"material": "leather", "pattern": "floral print", "confidence": "low"}
STYLED = {"formality": "casual", "style_keywords": ["modern", "sporty"], "details": ["has pockets"]}
TEXT = json.dumps(ANSWER)
SCHEMA = json.dumps(MATERIAL.schema)


@pytest.mark.parametrize(
    "text",
    [
        'First I thought {"material": "leather"}, but looking closer:\n' + TEXT,
        TEXT + '\nAnother reading would be {"material": "leather"}.',
        f"{json.dumps(DRAFT)}\nNo: {TEXT}",
        f"{json.dumps(DRAFT)}\n{json.dumps(DRAFT)}\n{TEXT}",
        f"{SCHEMA}\n{TEXT}",
        f"{TEXT}\n\nThe answer follows this schema: {SCHEMA}",
        json.dumps({**MATERIAL.schema, "properties": ANSWER}),
        '{"material": null, "pattern": null, "confidence": null}\n' + TEXT,
        TEXT + '\n{"material": null, "pattern": null, "confidence": null}',
        json.dumps({field.key: field.vocabulary.values() for field in MATERIAL.fields}) + TEXT,
        "Maybe {'material': 'leather'}? {'material': 'denim', 'pattern': 'striped', 'confidence': 'high',}",
        'Draft: {"material": "leather"} Final: {"material": "denim", "pattern": "striped", "confidence": "high"',
    ],
)
def test_the_object_with_most_keys_wins_and_the_last_of_equals(text):
    assert find_answer(text, MATERIAL.fields) == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        f"<think>It could be {json.dumps(DRAFT)}.</think>{TEXT}",
        f"It could be {json.dumps(DRAFT)}.\n</think>\n\n{TEXT}",
        f"<think>It could be {json.dumps(DRAFT)}.</think>\nThe final answer:\n```json\n{TEXT}\n```\nDone {{}}.",
        f"<thinking>{TEXT}</thinking>",
        f"[THINK]{json.dumps(DRAFT)}[/THINK]{TEXT}",
        f"<|channel|>analysis<|message|>{json.dumps(DRAFT)}<|end|><|channel|>final<|message|>{TEXT}",
        f"<think>I am still thinking, but {TEXT}",
    ],
)
def test_thoughts_are_no_answer_unless_nothing_follows(text):
    assert find_answer(text, MATERIAL.fields) == ANSWER


def test_what_follows_the_thoughts_wins_even_with_fewer_keys():
    text = f'<think>{json.dumps(DRAFT)}</think>{{"material": "denim"}}'
    assert find_answer(text, MATERIAL.fields) == {"material": "denim"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"answer": ANSWER}),
        json.dumps({"result": {"product": ANSWER}, "comment": "clear"}),
        json.dumps([ANSWER]),
        json.dumps({"answers": [ANSWER]}),
        json.dumps({"answer": TEXT}),
        json.dumps(TEXT),
        TEXT.replace('"', '\\"'),
        json.dumps({"name": "answer", "arguments": TEXT}),
        json.dumps({"draft": DRAFT, "final": ANSWER}),
        json.dumps({**ANSWER, "alternative": DRAFT}),
        f"<answer>{TEXT}</answer>",
        f"```\n{TEXT}\n```",
    ],
)
def test_wrappers_are_taken_off(text):
    assert find_answer(text, MATERIAL.fields) == ANSWER


def camel(key: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), key)


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.title,
    camel,
    lambda key: key.replace("_", " ").title(),
    lambda key: key.replace("_", "-"),
    lambda key: f" {key.replace('_', '')}: ",
)


@pytest.mark.parametrize("spell", SPELLINGS)
def test_keys_are_read_whatever_their_spelling(spell):
    text = json.dumps({spell(key): value for key, value in STYLED.items()})
    assert parse_answer(text, STYLE).values == STYLED


def test_the_right_spelling_wins():
    text = json.dumps({"Material": "leather", **ANSWER, "MATERIAL": "metal"})
    assert find_answer(text, MATERIAL.fields) == ANSWER


@pytest.mark.parametrize("text", [SCHEMA, f"Here is the schema:\n```json\n{SCHEMA}\n```", "no { object", '["a"]'])
def test_a_schema_is_no_answer(text):
    assert find_answer(text, MATERIAL.fields) is None
    assert parse_answer(text, MATERIAL).errors == ["answer_unparseable:material_and_pattern"]


def test_what_is_missing_is_an_error_for_a_list_too():
    parsed = parse_answer('{"formality": "casual", "details": null}', STYLE)
    assert parsed.values == {"formality": "casual", "details": []}
    assert parsed.errors == ["value_out_of_vocabulary:style_keywords=missing"]
    assert parse_answer("{}", STYLE).errors == [f"value_out_of_vocabulary:{key}=missing" for key in STYLE.keys]


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("modern", ["modern"]),
        ("modern; sporty", ["modern", "sporty"]),
        ('["modern", "sporty"]', ["modern", "sporty"]),
        ({"value": ["modern"], "confidence": 0.8}, ["modern"]),
    ],
)
def test_a_list_may_come_as_one_value(value, items):
    parsed = parse_answer(json.dumps({**STYLED, "style_keywords": value}), STYLE)
    assert (parsed.values["style_keywords"], parsed.errors) == (items, [])


@pytest.mark.parametrize("value", ["denim", ["denim"], {"value": "denim", "confidence": 0.9}])
def test_one_value_may_come_as_a_list_or_with_remarks(value):
    parsed = parse_answer(json.dumps({**ANSWER, "material": value}), MATERIAL)
    assert (parsed.values["material"], parsed.errors) == ("denim", [])


@pytest.mark.parametrize(
    ("text", "is_whole"),
    [
        (TEXT, True),
        (f"Sure:\n```json\n{TEXT}\n", True),
        ('{"material": "denim"}', True),
        (f'{TEXT[:-1]}, "and": "m', False),
        (f"Perhaps {TEXT[:20]}", False),
        ("", False),
    ],
)
def test_a_whole_answer_is_one_from_which_nothing_was_cut_off(text, is_whole):
    assert is_whole_answer(text, MATERIAL.fields) is is_whole


def test_only_the_end_of_a_long_text_counts():
    assert find_answer(TEXT + " " * 40_000, MATERIAL.fields) is None
    assert find_answer("thinking " * 4_000 + TEXT, MATERIAL.fields) == ANSWER


# An answer in any prose

prose = st.text(max_size=60)


@st.composite
def answers(draw) -> tuple[str, dict]:
    """A question's id, and a valid answer to it."""
    question = draw(st.sampled_from(list(QUESTIONS.values())))
    values = {}
    for field in question.fields:
        value = st.sampled_from(field.vocabulary.values())
        values[field.key] = draw(st.lists(value, max_size=field.max_items, unique=True) if field.is_list else value)
    return question.id, values


@st.composite
def texts(draw, values: dict, others: dict) -> str:
    """The valid answer `values` after drafts, which may be `others`, in prose, wrappers and other spellings."""
    drafts = [
        json.dumps(others),
        json.dumps(dict(list(others.items())[:-1])),
        json.dumps(dict.fromkeys(others)),
        "{'material': 'leather'",
        "",
    ]
    spell = draw(st.sampled_from(SPELLINGS))
    text = json.dumps({spell(key): value for key, value in values.items()}, indent=draw(st.sampled_from([None, 2])))
    text = draw(
        st.sampled_from([text, f"```json\n{text}\n```", f'{{"answer": {text}}}', f"[{text}]", f"<think></think>{text}"])
    )
    before = [draw(prose) + draw(st.sampled_from(drafts)) for _ in range(draw(st.integers(0, 3)))]
    return "\n".join([*before, draw(prose) + text + draw(prose)])


@pytest.mark.long_form
@given(st.data(), answers(), answers())
def test_a_valid_answer_in_any_prose_parses_to_itself(data, answer, other):
    question, values = answer
    others = other[1] if other[0] == question else values
    text = data.draw(texts(values, others))
    parsed = parse_answer(text, QUESTIONS[question])
    assert (parsed.values, parsed.errors) == (values, [])
