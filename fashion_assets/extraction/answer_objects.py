"""Which JSON object in a model's text is its answer: the one with most of the wanted keys, the last of equals.

Models write drafts, echo the schema, think aloud, wrap the answer in a key, a list, a string or a code fence, and spell
keys in their own way. Whether values are allowed is decided in `answers.py`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from fashion_assets.shop.folding import fold
from fashion_assets.shop.taxonomy import Attribute

_LONGEST_TEXT = 32_000  # characters, of which the last count: an answer comes after the thoughts
_LONGEST_REPAIR = 4_000  # characters; repairing more costs time and recursion, and no valid answer is that long
_MOST_OBJECTS = 200
_DEEPEST = 4
"""Wrappers around an answer: keys, lists and strings."""

_END_OF_THOUGHTS = re.compile(
    r"</(?:\w+:)?(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad)>"
    r"|\[/THINK\]|◁/think▷|<\|channel\|>final[^<]*<\|message\|>",
    re.IGNORECASE,
)
"""The marks after which models conclude; the mark before the thoughts is often left to the chat template."""

_OF_A_DEFINITION = {"type", "enum", "const", "items", "anyOf", "oneOf", "allOf", "$ref"}
_DECODER = json.JSONDecoder(strict=False)


def find_answer(text: str, wanted: Sequence[Attribute]) -> dict[str, object] | None:
    """The answer's values by the keys of `wanted`, without those that are missing; None if there is no object.

    Keys are equal whatever their case and separators: "Style Keywords", "styleKeywords". Only where well-formed objects
    lack keys is the text repaired.
    """
    text = text[-_LONGEST_TEXT:]
    answer: dict[str, object] | None = None
    for part in dict.fromkeys((_after_thoughts(text), text)):
        for read in (_whole_objects, _repaired_objects):
            before = [] if answer is None else [answer]
            answer = _most_complete([*_answers(read(part), wanted), *before], wanted)
            if answer is not None and len(answer) == len(wanted):
                return answer
        if answer:
            return answer
    return answer


def is_whole_answer(text: str, wanted: Sequence[Attribute]) -> bool:
    """Whether `text` has a well-formed object with all keys, or is JSON as a whole: then nothing of it was cut off."""
    answer = _most_complete(list(_answers(_whole_objects(text[-_LONGEST_TEXT:]), wanted)), wanted)
    return len(answer or {}) == len(wanted) or _is_json(text)


def _most_complete(answers: list[dict[str, object]], wanted: Sequence[Attribute]) -> dict[str, object] | None:
    """The answer with most keys that have a value, then with most keys; the last of equals."""
    sizes = [(sum(_fits(a, answer.get(a.key)) for a in wanted), len(answer)) for answer in answers]
    return None if not answers else answers[max(range(len(answers)), key=lambda i: (sizes[i], i))]


def _fits(wanted: Attribute, value: object) -> bool:
    """Whether the value is of the right kind; several values where one is wanted are the options, not an answer."""
    return value is not None and (wanted.is_list or not isinstance(value, list) or len(value) == 1)


def _answers(objects: Sequence[object], wanted: Sequence[Attribute]) -> Iterator[dict[str, object]]:
    for each in objects:
        for candidate in _candidates(each, _DEEPEST):
            values = _wanted_values(candidate, wanted)
            if values or not _is_definition(candidate):
                yield values


def _candidates(value: object, depth: int) -> Iterator[Mapping[str, object]]:
    """The objects in `value`, also in lists and texts; an object comes after those that it holds, and so wins."""
    if depth < 0:
        return
    if isinstance(value, str) and "{" in value:
        value = _whole_objects(value)
    if isinstance(value, list):
        for item in value:
            yield from _candidates(item, depth - 1)
    elif isinstance(value, dict):
        properties = value.get("properties")
        if isinstance(properties, dict):  # a JSON schema, in which some models write their values
            value = {key: inner for key, inner in properties.items() if not _is_definition(inner)}
            if not value:
                return
        for inner in value.values():
            yield from _candidates(inner, depth - 1)
        yield value


def _wanted_values(candidate: Mapping[str, object], wanted: Sequence[Attribute]) -> dict[str, object]:
    """The values for the wanted keys, except definitions of a schema."""
    stated = {attribute.key: candidate[attribute.key] for attribute in wanted if attribute.key in candidate}
    if len(stated) < len(wanted):
        by_spelling = {_plain(key): value for key, value in candidate.items()}
        spellings = {attribute.key: _plain(attribute.key) for attribute in wanted}
        stated = {key: by_spelling[plain] for key, plain in spellings.items() if plain in by_spelling} | stated
    return {key: value for key, value in stated.items() if not _is_definition(value)}


def _is_definition(value: object) -> bool:
    return isinstance(value, dict) and not value.keys().isdisjoint(_OF_A_DEFINITION)


def _plain(key: str) -> str:
    """The key without case, accents and separators."""
    return re.sub(r"[\W_]+", "", fold(key))


def _after_thoughts(text: str) -> str:
    marks = list(_END_OF_THOUGHTS.finditer(text))
    return text[marks[-1].end() :] if marks else text


def _whole_objects(text: str) -> list[object]:
    """The well-formed outermost JSON objects in `text`, in order; it may be escaped as inside a JSON string."""
    for _ in range(_DEEPEST):
        objects = list(_decoded(text))
        if objects or '\\"' not in text:
            return objects
        text = text.replace('\\"', '"')
    return []


def _decoded(text: str) -> Iterator[object]:
    end = 0
    for start in [brace.start() for brace in re.finditer(r"\{", text)][-_MOST_OBJECTS:]:
        if start < end:
            continue
        try:
            value, end = _DECODER.raw_decode(text, start)
        except RecursionError:
            return
        except ValueError:
            continue
        yield value


def _repaired_objects(text: str) -> list[object]:
    """What can be read of objects with other quotes, without an end and the like: in all of `text`, and from its first
    and from its last brace on."""
    import json_repair

    starts = (0, max(text.find("{"), 0), max(text.rfind("{"), 0))
    objects: list[object] = []
    for part in dict.fromkeys(text[start : start + _LONGEST_REPAIR] for start in starts):
        try:
            objects.append(json_repair.loads(part))
        except (ValueError, RecursionError):
            continue
    return [value for value in objects if isinstance(value, (list, dict))]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
