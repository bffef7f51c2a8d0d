"""The parameters that an endpoint takes: one that its refusal names is renamed, weakened or left out, for all later
requests of this process.

Only what a refusal names is changed, and only by one step. Whether it is about a parameter at all is told by its words
and by the parts of the request that it names (`error_bodies.py`); other reasons are in `reasons.py`.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fashion_assets.extraction.backends.endpoint.error_bodies import ErrorBody

Request = Mapping[str, Any]

_CONTENT = {"model", "messages"}
"""What a request cannot do without."""

_SMALL_TEMPERATURE = 0.01

_SPELLINGS = {
    "max_tokens": r"max[\s_-]?(?:(?:completion|output|new)[\s_-]?)?tokens",
    "temperature": r"temperature",
    "logprobs": r"log[\s_-]?prob(?:s|abilities)?",
    "response_format": r"response[\s_-]?(?:format|schema|mime[\s_-]?type)|json_object|json[\s_-](?:schema|mode)"
    r"|structured[\s_-]?outputs?|guided|grammar",
}
"""Regular expressions of the names that servers use for a parameter, in lower case."""


_TOO_MANY_TOKENS = r"too (?:large|high|big|many)|at most|exceed|less than|<=|maximum"
"""About the number, not about the parameter."""


@dataclass(frozen=True)
class Variant:
    """Another form of a parameter: `change` gives what is sent in its place, by name.

    With `words`, a regular expression, the form is only for refusals with these words.
    """

    change: Callable[[Any], Request]
    words: str = ""


def _without(*keywords: str) -> Callable[[dict], Request]:
    """The response format with a schema that lacks these keywords."""

    def change(response_format: dict) -> Request:
        reduced = deepcopy(response_format)
        for keyword in keywords:
            _remove(reduced, keyword)
        return {"response_format": reduced}

    return change


def _remove(content: object, keyword: str) -> None:
    if isinstance(content, dict):
        content.pop(keyword, None)
    for inner in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        _remove(inner, keyword)


_LEFT_OUT = Variant(lambda value: {})
_VARIANTS: Mapping[str, Sequence[Variant]] = {
    "max_tokens": (Variant(lambda value: {"max_completion_tokens": value}), _LEFT_OUT),
    "temperature": (
        Variant(lambda value: {"temperature": _SMALL_TEMPERATURE}, words=r"positive|greater than|> ?0"),
        _LEFT_OUT,
    ),
    "response_format": (
        Variant(_without("strict"), words=r"\bstrict\b"),
        Variant(_without("maxItems"), words=r"max ?items"),
        Variant(_without("strict", "maxItems"), words=r"\bstrict\b|max ?items"),
        Variant(lambda value: {"response_format": {"type": "json_object"}}),
        _LEFT_OUT,
    ),
}


class Parameters:
    """What an endpoint has refused so far; may be used by several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._steps: dict[str, int] = {}  # by name: how many of its variants were gone through, at least one

    def steps(self) -> dict[str, int]:
        """A copy of what was refused so far: by parameter, the number of its present variant, from 1."""
        with self._lock:
            return dict(self._steps)

    def may_be_sent_again(self, request: Request, sent_with: Mapping[str, int], error: ErrorBody) -> bool:
        """Whether `request`, sent with these steps and refused with `error`, now takes another form."""
        name = refused_parameter(adapted(request, sent_with), request, error)
        if name is None:
            return False
        with self._lock:
            present = self._steps.get(name, 0)
            if present == sent_with.get(name, 0):  # else another thread was refused before
                self._steps[name] = _next_step(name, present, error)
        return True


def adapted(request: Request, steps: Mapping[str, int]) -> dict[str, Any]:
    """`request` with each parameter in its present form."""
    sent: dict[str, Any] = {}
    for name, value in request.items():
        step = steps.get(name, 0)
        sent |= {name: value} if step == 0 else _variants(name)[step - 1].change(value)
    return sent


def refused_parameter(sent: Request, request: Request, error: ErrorBody) -> str | None:
    """The parameter of `request` that `error` names first and that is part of `sent`; None if it names none."""
    for text in (*error.named, error.message):
        text = _plain(text)
        places = {name: _place(name, text) for name in request if name not in _CONTENT and _is_in(name, sent)}
        named = {name: place for name, place in places.items() if place is not None}
        if named:
            first = min(named, key=lambda name: named[name])
            is_about_number = first == "max_tokens" and re.search(_TOO_MANY_TOKENS, error.message.lower())
            return None if is_about_number else first
    return None


def _is_in(name: str, sent: Request) -> bool:
    return name in sent or (name == "max_tokens" and "max_completion_tokens" in sent)


def _place(name: str, text: str) -> int | None:
    """Where `text` first names the parameter. A name that is also an English word must be marked as a name."""
    spelling = _SPELLINGS.get(name) or re.escape(name.lower()).replace("_", r"[\s_-]?")
    if name in _SPELLINGS or "_" in name:
        pattern = rf"(?<![a-z0-9])(?:{spelling})(?![a-z0-9])"
    else:
        pattern = (
            rf"""(?<=['"`\[(.])(?:{spelling})(?=['"`\]).:])|^(?:{spelling})$"""
            rf"""|(?:parameter|argument|field|key|input)s?(?: supplied)?\W{{1,3}}(?:{spelling})\b"""
        )
    place = re.search(pattern, text)
    return place.start() if place else None


def _plain(text: str) -> str:
    """`text` in lower case, with `maxOutputTokens` as "max output tokens"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()


def _next_step(name: str, present: int, error: ErrorBody) -> int:
    text = _plain(" ".join((error.message, *error.named)))
    variants = _variants(name)
    return next(
        step
        for step in range(present + 1, len(variants) + 1)
        if not variants[step - 1].words or re.search(variants[step - 1].words, text)
    )


def _variants(name: str) -> Sequence[Variant]:
    return _VARIANTS.get(name, (_LEFT_OUT,))
