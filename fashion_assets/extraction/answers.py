"""From a model's raw answer to attributes: repair, normalise, validate. One parser for every back end.

The parser is total: any text gives values or error codes, never an exception. A value that is missing or outside the
vocabulary is an error, not a guess; an unknown item of a list is dropped and coded without failing the product. A
forced answer is dropped and coded as well. Which object of a text is the answer is decided in `answer_objects.py`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fashion_assets.extraction.answer_objects import find_answer
from fashion_assets.extraction.questions import Question
from fashion_assets.shop.taxonomy import NOTHING_WORDS, Attribute, Taxonomy

UNPARSEABLE = "answer_unparseable"
OUT_OF_VOCABULARY = "value_out_of_vocabulary"
UNKNOWN_ITEM = "unknown_list_item"
FORCED = "answer_forced"
MISSING = "missing"
"""What an OUT_OF_VOCABULARY error says of a field whose key is not in the answer."""

_LONGEST_QUOTE = 40


@dataclass(frozen=True)
class ParsedAnswer:
    """`values` by field key (a string, or a list of strings for list fields; failed fields are absent), and `errors`
    as `code:where`."""

    values: dict[str, str | list[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def parse_answer(text: str, question: Question, allowed_mass: Mapping[str, float] | None = None) -> ParsedAnswer:
    """Parse the answer to `question` from any text; `allowed_mass` is that of the answer, by field key, if known."""
    answer = find_answer(text, question.fields)
    if answer is None:
        return ParsedAnswer(errors=[f"{UNPARSEABLE}:{question.id}"])
    parsed = ParsedAnswer()
    for wanted in question.fields:
        if wanted.key not in answer:
            parsed.errors.append(f"{OUT_OF_VOCABULARY}:{wanted.key}={MISSING}")
            continue
        read = _read_list if wanted.is_list else _read_value
        read(wanted, _unwrapped(answer[wanted.key]), parsed)
    for key, mass in (allowed_mass or {}).items():
        is_voluntary = mass >= question.min_allowed_mass  # False for NaN, too
        if not is_voluntary and parsed.values.pop(key, None) is not None:
            parsed.errors.append(f"{FORCED}:{key}={mass:.2f}")
    return parsed


def harmless_beginnings(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Prefixes of errors that do not fail a product: unknown items, and forced answers for attributes not essential."""
    return (f"{UNKNOWN_ITEM}:", *(f"{FORCED}:{a.key}=" for a in taxonomy if not a.is_essential))


def _unwrapped(value: object) -> object:
    """`value` without an object around it: {"value": "denim", "confidence": 0.9}."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _read_value(wanted: Attribute, value: object, parsed: ParsedAnswer) -> None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    canonical = wanted.vocabulary.find(value) if isinstance(value, str) else None
    if canonical is None:
        parsed.errors.append(f"{OUT_OF_VOCABULARY}:{wanted.key}={_quote(value)}")
    else:
        parsed.values[wanted.key] = canonical


def _read_list(wanted: Attribute, value: object, parsed: ParsedAnswer) -> None:
    if isinstance(value, str):
        value = _items(value, wanted)
    if value is None:
        value = []
    if not isinstance(value, list):
        parsed.errors.append(f"{OUT_OF_VOCABULARY}:{wanted.key}={_quote(value)}")
        return
    items: list[str] = []
    for item in value:
        if isinstance(item, str) and item.strip().lower() in NOTHING_WORDS:
            continue
        canonical = wanted.vocabulary.find(item) if isinstance(item, str) else None
        if canonical is None:
            parsed.errors.append(f"{UNKNOWN_ITEM}:{wanted.key}={_quote(item)}")
        elif canonical not in items:
            items.append(canonical)
    parsed.values[wanted.key] = items[: wanted.max_items]


def _items(text: str, wanted: Attribute) -> list:
    """The items of a list that was written as one text."""
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list):
            return items
    is_one_value = wanted.vocabulary.find(text) is not None
    return [text] if is_one_value else [item.strip() for item in re.split("[,;]", text)]


def _quote(value: object) -> str:
    return repr(value)[:_LONGEST_QUOTE]
