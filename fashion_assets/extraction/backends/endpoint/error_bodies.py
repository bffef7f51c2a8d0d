"""What a server says about a request that it does not answer, in whichever form: the body of an HTTP error, or an error
inside a response. What that means is decided in `reasons.py` and `parameters.py`.

Known forms: {"error": {"message", "param", "code"}} of OpenAI and most others, the same in a list (Gemini), with the
provider's own body as text in `metadata.raw` (OpenRouter); {"detail": [{"loc", "msg"}]} of FastAPI; {"message"},
{"error": "text"}, {"error_code", "message"} (Databricks); plain text, and web pages of proxies.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

_LONGEST_MESSAGE = 2_000
_LONGEST_NAME = 200
_DEEPEST = 10
_MOST_STATED = 100
_MESSAGES = ("message", "msg", "error_description", "error_message", "reason", "description")
_NAMES = ("param", "field")
_CODES = ("code", "type", "status", "error_code", "error_type", "errorCode")
_INNER = ("error", "errors", "detail", "details", "innererror", "metadata", "raw", "fieldViolations", "violations")


@dataclass(frozen=True)
class ErrorBody:
    """`message` in the server's words; `named`: the parts of the request that it names in fields of their own, as
    `response_format.strict`; `codes`: its codes and types, numbers as text. All may be empty."""

    message: str = ""
    named: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    is_web_page: bool = False


def read_error(content: object) -> ErrorBody:
    """What `content` says: text, which may be JSON, or a part of a JSON response."""
    if isinstance(content, str) and content.lstrip().startswith("<"):
        return ErrorBody("a web page instead of JSON", is_web_page=True)
    stated = list(islice(_stated(content, _DEEPEST), _MOST_STATED))
    messages = dict.fromkeys(text for kind, text in stated if kind == "message")
    return ErrorBody(
        ": ".join(messages)[:_LONGEST_MESSAGE],
        tuple(dict.fromkeys(text for kind, text in stated if kind == "named")),
        tuple(dict.fromkeys(text for kind, text in stated if kind == "code")),
    )


def _stated(content: object, depth: int) -> Iterator[tuple[str, str]]:
    """What `content` states, as pairs of `message`, `named` or `code` and the text. A request that it repeats, as
    FastAPI does under `input`, is not among it."""
    if depth < 0:
        return
    if isinstance(content, str):
        inner = _json_of(content)
        if inner is not None:
            yield from _stated(inner, depth - 1)
        elif text := " ".join(content.split()):
            yield "message", text[:_LONGEST_MESSAGE]
    elif isinstance(content, list):
        for item in content[:20]:
            yield from _stated(item, depth - 1)
    elif isinstance(content, dict):
        yield from _stated_by(content, depth)


def _stated_by(content: Mapping, depth: int) -> Iterator[tuple[str, str]]:
    for key in _CODES:
        if isinstance(content.get(key), str | int):
            yield "code", str(content[key])[:_LONGEST_NAME]
    for key in _NAMES:
        if isinstance(content.get(key), str) and content[key]:
            yield "named", content[key][:_LONGEST_NAME]
    place = content.get("loc")
    if isinstance(place, list):
        yield "named", ".".join(str(part)[:_LONGEST_NAME] for part in place[:20] if part != "body")
    for key in (*_MESSAGES, *_INNER):
        if isinstance(content.get(key), str | list | dict):
            yield from _stated(content[key], depth - 1)


def _json_of(text: str) -> list | dict | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list | dict) else None
