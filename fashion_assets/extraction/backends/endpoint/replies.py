"""What an endpoint's response says: the text of the model's answer, or why there is none.

Models that think write their answer into the content, some servers put it elsewhere: into the thoughts, a tool call, a
list of parts, or a stream that nobody asked for. Which object of the text is the answer, and what its values mean, is
decided in `answers.py`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fashion_assets.extraction.backends.endpoint.connection import (
    ANSWER_REFUSED,
    MAY_PASS,
    RequestFailed,
)
from fashion_assets.extraction.backends.endpoint.error_bodies import read_error

Quote = Callable[[object], str]
"""Makes one short line of what a server sent, without the key."""

_CUT_OFF = {"length", "max_tokens", "model_length"}
_REFUSED = {"content_filter", "safety", "prohibited_content", "blocklist", "recitation", "refusal", "sensitive"}
_FAILED = {"error", "abort", "cancelled", "network_error", "insufficient_system_resource"}
"""Values of `finish_reason`, in lower case."""

_MOST_TOKENS = 10_000_000
"""Of a request; no model's context holds as many, and a count beyond it counts as none."""

_DEEPEST = 4
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_CONTENT, _TOOL_CALLS = "content", "tool_calls"


@dataclass(frozen=True)
class Reply:
    """The `text` of an answer, and the field of the message that it was in (`place`).

    `is_cut_off`: the model reached the largest number of tokens; only then may the text be empty. `logprobs` is as the
    server sent it.
    """

    text: str
    place: str = _CONTENT
    is_cut_off: bool = False
    logprobs: Any = None
    prompt_tokens: int = 0
    answer_tokens: int = 0

    @property
    def is_from_thoughts(self) -> bool:
        return self.place in _THOUGHTS


def read_reply(body: str, quote: Quote = str) -> Reply:
    """The reply in the body of a successful response; raises RequestFailed if the model gave no answer."""
    try:
        return _reply(body, quote)
    except RecursionError:
        raise RequestFailed("no chat completion: it is nested too deeply") from None


def _reply(body: str, quote: Quote) -> Reply:
    completion = _completion(body, quote)
    choice = _choice(completion, quote)
    message = choice.get("message")
    if not isinstance(message, Mapping):
        message = {_CONTENT: choice.get("text")}  # as servers for plain completions do
    ending = choice.get("finish_reason")
    lower_ending = ending.lower() if isinstance(ending, str) else ""
    if reason := _refusal(message, lower_ending):
        raise RequestFailed(f"the model refused to answer ({quote(reason)})", code=ANSWER_REFUSED)
    if lower_ending in _FAILED:
        raise RequestFailed(f"the model's server failed (finish_reason is '{quote(ending)}')", may_pass=True)
    is_cut_off = lower_ending in _CUT_OFF
    place, text = _answer_in(_texts(message), is_cut_off, ending, quote)
    usage = completion.get("usage")
    return Reply(
        text=text,
        place=place,
        is_cut_off=is_cut_off,
        logprobs=choice.get("logprobs"),
        prompt_tokens=_count(usage, "prompt_tokens"),
        answer_tokens=_count(usage, "completion_tokens"),
    )


def _completion(body: str, quote: Quote) -> Mapping[str, Any]:
    try:
        content = _streamed(body) if body.lstrip().startswith(("data:", "event:", ":")) else json.loads(body)
    except (ValueError, RecursionError):
        error = read_error(body) if body.lstrip().startswith("<") else read_error("")
        raise RequestFailed(f"no chat completion: {quote(error.message or body)}", error=error, may_pass=True) from None
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    if not isinstance(content, Mapping):
        raise RequestFailed(f"no chat completion: {quote(body)}", may_pass=True)
    return content


def _streamed(body: str) -> dict[str, Any]:
    """The completion whose pieces `body` has, as server-sent events."""
    texts: dict[str, str] = {}
    choice: dict[str, Any] = {}
    completion: dict[str, Any] = {}
    for line in body.splitlines():
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data in ("", "[DONE]"):
            continue
        chunk = json.loads(data)
        if not isinstance(chunk, dict):
            continue
        completion |= {key: value for key, value in chunk.items() if value is not None}
        pieces = chunk.get("choices")
        piece = pieces[0] if isinstance(pieces, list) and pieces and isinstance(pieces[0], dict) else {}
        choice |= {key: value for key, value in piece.items() if value is not None}
        delta = piece.get("delta")
        for key, value in delta.items() if isinstance(delta, dict) else ():
            if isinstance(value, str):
                texts[key] = texts.get(key, "") + value
    return completion | {"choices": [{**choice, "logprobs": None, "message": texts}] if choice else []}


def _choice(completion: Mapping[str, Any], quote: Quote) -> Mapping[str, Any]:
    """The only choice; raises RequestFailed if there is none, or if the response or the choice has an error."""
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    for part in (completion, choice):
        if isinstance(part, Mapping) and part.get("error"):
            raise failure_of(part["error"], quote)
    if isinstance(choice, Mapping) and ("message" in choice or "text" in choice):
        return choice
    lacking = "choices" if not isinstance(choice, Mapping) else "message"
    told = read_error(completion)
    raise RequestFailed(
        f"the response has no {lacking}: {quote(told.message or json.dumps(completion))}", error=told, may_pass=True
    )


def failure_of(content: object, quote: Quote, status: int | None = None, retry_after: float = 0.0) -> RequestFailed:
    """The failure that an error body tells, which came with an HTTP status or, inside a response, has it as a code."""
    error = read_error(content)
    if status is None:
        statuses = [int(code) for code in error.codes if re.fullmatch("[45][0-9]{2}", code)]
        status = statuses[0] if statuses else None
    prefix = f"HTTP {status}: " if status else "error in the response: "
    return RequestFailed(
        prefix + quote(error.message or " ".join(error.codes) or content),
        status=status,
        error=error,
        may_pass=status is None or status in MAY_PASS or status >= 500,
        retry_after=retry_after,
    )


def _refusal(message: Mapping[str, Any], ending: str) -> str | None:
    """The words of the model's refusal."""
    parts = message.get(_CONTENT)
    refusals = [part.get("refusal") for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    stated = next((text for text in (message.get("refusal"), *refusals) if isinstance(text, str) and text), None)
    return stated or (f"finish_reason is '{ending}'" if ending in _REFUSED else None)


def _answer_in(texts: list[tuple[str, str]], is_cut_off: bool, ending: object, quote: Quote) -> tuple[str, str]:
    """The place and text of the answer: the first with a JSON object, else the content; never thoughts without one."""
    with_object = [(place, text) for place, text in texts if "{" in text]
    content = [(place, text) for place, text in texts if place == _CONTENT]
    thoughts = [(place, text) for place, text in texts if place in _THOUGHTS]
    if content and with_object and with_object[0][0] in _THOUGHTS:
        return content[0]
    if with_object or content:
        return (with_object or content)[0]
    if texts and (is_cut_off or not thoughts):
        return texts[0]
    if thoughts:
        place, text = thoughts[0]
        raise RequestFailed(
            f"the content is empty, and the text in '{place}' has no JSON object: {quote(text)}", may_pass=True
        )
    if is_cut_off:
        return _CONTENT, ""
    raise RequestFailed(f"the answer is empty (finish_reason is '{quote(ending)}')", may_pass=True)


def _texts(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The texts of a message that are not empty, each with its place, in the order in which they are likely answers."""
    content = message.get(_CONTENT)
    texts = [(_CONTENT, "".join(_parts(content, is_thought=False)))]
    texts += [(_TOOL_CALLS, text) for text in _arguments(message)]
    texts += [(name, "".join(_parts(message.get(name)))) for name in _THOUGHTS]
    texts.append((_THOUGHTS[0], "".join(_parts(content, is_thought=True)) if isinstance(content, list) else ""))
    return [(place, _encodable(text.strip())) for place, text in texts if text.strip()]


def _parts(content: object, is_thought: bool | None = None, depth: int = _DEEPEST) -> Iterator[str]:
    """The texts of a content, which may be a list of parts; with `is_thought`, only of parts of that kind."""
    if isinstance(content, str):
        yield content
    elif depth == 0:
        return
    elif isinstance(content, Mapping):
        text = next((content[key] for key in ("text", "thinking", "summary") if key in content), None)
        if text is None and "type" not in content:
            yield json.dumps(content)  # an answer that was parsed already
        else:
            yield from _parts(text, depth=depth - 1)
    elif isinstance(content, list):
        for part in content:
            kind = str(part.get("type")) if isinstance(part, Mapping) else ""
            if is_thought is None or ("think" in kind or "reason" in kind) == is_thought:
                yield from _parts(part, depth=depth - 1)


def _arguments(message: Mapping[str, Any]) -> Iterator[str]:
    """The arguments of the message's tool calls, as JSON."""
    calls = message.get(_TOOL_CALLS)
    functions = [call.get("function") for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    for function in (*functions, message.get("function_call")):
        arguments = function.get("arguments") if isinstance(function, Mapping) else None
        if isinstance(arguments, str):
            yield arguments
        elif isinstance(arguments, Mapping):
            yield json.dumps(arguments)


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()  # JSON can hold an unpaired surrogate, a table cannot


def _count(usage: object, name: str) -> int:
    count = usage.get(name) if isinstance(usage, Mapping) else None
    return count if isinstance(count, int) and 0 <= count < _MOST_TOKENS else 0
