"""The parser is total: whatever a model writes, each field has a valid value or a typed error, and nothing raises."""

import json
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_assets.extraction.answers import FORCED, OUT_OF_VOCABULARY, UNKNOWN_ITEM, UNPARSEABLE, parse_answer
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import photographed, products

CODES = {UNPARSEABLE, OUT_OF_VOCABULARY, UNKNOWN_ITEM, FORCED}
QUESTIONS = load_questions(default_prompts_folder())


def check(text: str, question: Question, allowed_mass: dict[str, float] | None = None) -> None:
    """Raise unless the parser's answer is well formed."""
    parsed = parse_answer(text, question, allowed_mass)
    assert {error.split(":")[0] for error in parsed.errors} <= CODES
    assert all(len(error) < 100 and error.isprintable() for error in parsed.errors)
    assert set(parsed.values) <= set(question.keys)
    if parsed.errors == [f"{UNPARSEABLE}:{question.id}"]:
        assert parsed.values == {}
        return
    for field in question.fields:
        if field.key not in parsed.values:
            named = [error for error in parsed.errors if error.split(":", 1)[1].startswith(f"{field.key}=")]
            assert named, f"{field.key} has neither a value nor an error"
            continue
        assert (allowed_mass or {}).get(field.key, 1) >= question.min_allowed_mass
        value = parsed.values[field.key]
        items = value if field.is_list else [value]
        assert set(items) <= set(field.vocabulary.values())
        assert len(set(items)) == len(items) <= max(field.max_items, 1)


# Ways to make an answer, from a source of chance


def odd_value(chance: random.Random, question: Question) -> object:
    """Something that may stand where a value is wanted: right, nearly right, or of a wrong type."""
    field = chance.choice(question.fields)
    member = chance.choice(list(field.vocabulary))
    word = chance.choice([member.name, *member.aliases])
    odd = "".join(chance.choice((c, c.upper(), f" {c}", f"{c}-", f"{c}_", f"{c}.")) for c in word)
    nested: object = word
    for _ in range(chance.randrange(4)):
        nested = chance.choice(([nested], {word: nested}, [nested, nested]))
    wrong = (None, True, 0, -1, 3.5, 10**300, float("inf"), float("nan"), "", " ", "none", "velvet", {}, [], nested)
    return chance.choice((word, odd, [word] * 9, [word, odd, 1, None, [word]], f"{word}, {odd}, velvet", *wrong))


def valid(chance: random.Random, question: Question) -> str:
    """JSON with the question's keys and odd values."""
    answer = {key: odd_value(chance, question) for key in question.keys if chance.random() < 0.9}
    text = json.dumps(answer, ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, 1)))
    return chance.choice(
        (text, text, f"```json\n{text}\n```", f"Sure! {text} I hope so.", f"[{text}]", text.replace('"', "'"))
    )


def truncated(chance: random.Random, question: Question) -> str:
    text = valid(chance, question)
    return text[: chance.randrange(len(text) + 1)]


def mutated(chance: random.Random, question: Question) -> str:
    text = list(valid(chance, question))
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randrange(3)] = chance.choice(
            ('"', "'", "{", "}", "[", "]", ",", ":", "\\", "\n", "\0", "\ud800", "/*")
        )
    return "".join(text)


def repeated_keys(chance: random.Random, question: Question) -> str:
    pairs = [f'"{key}": {json.dumps(odd_value(chance, question))}' for key in question.keys for _ in range(3)]
    chance.shuffle(pairs)
    return f"{{{', '.join(pairs)}}}"


def pieces(chance: random.Random, question: Question) -> str:
    """Tokens of JSON in no order."""
    tokens = (
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "true",
        '"',
        "'",
        "\\",
        "\\u",
        "\\ud800",
        "\0",
        "é",
        "1e999",
        "-",
        "//",
        "#",
        "```",
        "“",
    )
    keys = [f'"{key}":' for key in question.keys] + [f'"{value}"' for value in question.fields[0].vocabulary.values()]
    return "".join(chance.choices((*tokens, *keys), k=chance.randrange(40)))


def deep(chance: random.Random, question: Question) -> str:
    """Many brackets, closed or not; or a very long number or word."""
    depth = chance.choice((10, 100, 1000, 5000))
    opening, closing = chance.choice((("[", "]"), ("{", "}"), ('{"a":', "}"), ("(", ")"), ('"', '"'), ("[{", "}]")))
    inside = chance.choice((opening * depth, opening * depth + closing * depth, "9" * depth, "x" * depth, "\\" * depth))
    in_a_value = f'{{"{question.keys[0]}": {inside}{chance.choice(("", "}"))}'
    return chance.choice((in_a_value, in_a_value, inside, f"{inside} {valid(chance, question)}"))


def unicode(chance: random.Random, question: Question) -> str:
    kinds = ((0, 0x20), (0x20, 0x7F), (0x7F, 0x3000), (0xD800, 0xE000), (0xFFF0, 0x10000), (0x1F300, 0x20000))
    noise = "".join(chr(chance.randrange(*chance.choice(kinds))) for _ in range(chance.randrange(30)))
    return chance.choice(
        (noise, json.dumps(dict.fromkeys(question.keys, noise), ensure_ascii=False), noise + valid(chance, question))
    )


MAKERS: tuple[Callable[[random.Random, Question], str], ...] = (
    valid, truncated, mutated, repeated_keys, pieces, unicode,
)  # fmt: skip
SLOW_MAKERS = (deep,)
"""Repairing hundreds of open brackets takes milliseconds each."""


def garbage(count: int) -> Iterator[tuple[str, Question]]:
    chance = random.Random(0)
    for number in range(count):
        question = QUESTIONS[number % len(QUESTIONS)]
        makers = SLOW_MAKERS if number % 200 == 0 else MAKERS
        yield chance.choice(makers)(chance, question), question


@pytest.mark.long_form
def test_garbage_answers(is_long):
    for text, question in garbage(50_000 if is_long else 5_000):
        check(text, question)


@pytest.mark.parametrize("maker", [*MAKERS, *SLOW_MAKERS])
def test_the_garbage_is_neither_all_readable_nor_all_nonsense(maker):
    chance = random.Random(1)
    parsed = [parse_answer(maker(chance, question), question) for question in QUESTIONS * 20]
    assert any(answer.errors for answer in parsed)
    assert any(answer.values for answer in parsed)


# Ways that hypothesis thinks of

KEYS = sorted(SHIPPED.taxonomy.by_key)
words = st.sampled_from([word for field in SHIPPED.taxonomy for v in field.vocabulary for word in (v.name, *v.aliases)])
texts = st.text(st.characters(exclude_categories=()), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | words, inner, max_size=3),
    max_leaves=8,
)
answers = st.dictionaries(st.sampled_from(KEYS) | texts, values, max_size=6).map(json.dumps)
masses = st.dictionaries(st.sampled_from(KEYS), st.floats(0, 1) | st.just(float("nan")), max_size=3)
thorough = settings(max_examples=3 * settings().max_examples)


@pytest.mark.long_form
@thorough
@given(texts | answers | st.builds(str.__add__, texts, answers), st.sampled_from(QUESTIONS), masses)
def test_any_text_gives_valid_values_or_typed_errors(text, question, allowed_mass):
    check(text, question, allowed_mass)


@pytest.mark.long_form
@thorough
@given(
    st.fixed_dictionaries({key: st.lists(words, max_size=9) | words for key in KEYS}),
    st.sampled_from(QUESTIONS),
)
def test_words_of_the_vocabulary_are_never_unparseable(answer, question):
    check(json.dumps(answer), question)
    assert f"{UNPARSEABLE}:{question.id}" not in parse_answer(json.dumps(answer), question).errors


def test_garbage_goes_through_the_journal_into_rows_and_back(tmp_path, store):
    """Texts that no encoding can hold, too: a stray half of a surrogate pair must not stop a batch."""
    texts = (text for text, _ in garbage(10**6))
    frame = products(*(photographed(number, tmp_path, (200, number, 0)) for number in range(1, 61)))
    model = FakeVisionLanguageModel(rewrite=lambda _: next(texts) + "\ud83d\0")
    batch = extract_batch(frame, tmp_path, QUESTIONS, model, Journal(store))
    assert batch.rows["product_id"].to_list() == frame["product_id"].to_list()
    again = extract_batch(frame, tmp_path, QUESTIONS, FakeVisionLanguageModel(), Journal(store))
    assert again.usage.questions_asked == 0
    assert again.rows.equals(batch.rows)
