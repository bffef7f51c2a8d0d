"""From a model's raw answer to attributes: repair, normalise, validate. One parser for every back end.

The parser is total: any text gives values or error codes, never an exception. A value outside the vocabulary is an
error, not a guess; an unknown item of a list is dropped and coded without failing the product. A forced answer is
dropped and coded as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fashion_assets.extraction.questions import Question
from fashion_assets.shop.taxonomy import NOTHING_WORDS, Attribute, Taxonomy

UNPARSEABLE = "answer_unparseable"
OUT_OF_VOCABULARY = "value_out_of_vocabulary"
UNKNOWN_ITEM = "unknown_list_item"
FORCED = "answer_forced"
_LONGEST_ANSWER = 4_000  # characters; repairing more costs time and recursion, and no valid answer is that long
_LONGEST_QUOTE = 40


@dataclass(frozen=True)
class ParsedAnswer:
    """`values` by field key (a string, or a list of strings for list fields; failed fields are absent), and `errors`
    as `code:where`."""

    values: dict[str, str | list[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def parse_answer(text: str, question: Question, allowed_mass: Mapping[str, float] | None = None) -> ParsedAnswer:
    """Parse the answer to `question` from any text; `allowed_mass` is that of the answer, by field key, if known."""
    answer = _find_object(text)
    if answer is None:
        return ParsedAnswer(errors=[f"{UNPARSEABLE}:{question.id}"])
    parsed = ParsedAnswer()
    for wanted in question.fields:
        read = _read_list if wanted.is_list else _read_value
        read(wanted, answer.get(wanted.key), parsed)
    for key, mass in (allowed_mass or {}).items():
        is_voluntary = mass >= question.min_allowed_mass  # False for NaN, too
        if not is_voluntary and parsed.values.pop(key, None) is not None:
            parsed.errors.append(f"{FORCED}:{key}={mass:.2f}")
    return parsed


def harmless_beginnings(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Prefixes of errors that do not fail a product: unknown items, and forced answers for attributes not essential."""
    return (f"{UNKNOWN_ITEM}:", *(f"{FORCED}:{a.key}=" for a in taxonomy if not a.is_essential))


def _find_object(text: str) -> dict | None:
    import json_repair

    try:
        parsed = json_repair.loads(text[:_LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return None
    candidates = parsed if isinstance(parsed, list) else [parsed]
    return next((candidate for candidate in candidates if isinstance(candidate, dict)), None)


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
        value = [item.strip() for item in value.split(",")]
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


def _quote(value: object) -> str:
    return repr(value)[:_LONGEST_QUOTE]
