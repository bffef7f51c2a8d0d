"""The back end for any OpenAI-compatible endpoint: vLLM, SGLang, llama.cpp, Databricks Model Serving, hosted models.

One request per photo and question. Here requests are composed and answers read; sending and retrying are in
`requests.py`, concurrency in `threads.py`, when to stop in `connection.py`, and parsing of an answer's text in
`answers.py`.
"""

import base64
import io
import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from functools import partial
from threading import Event
from typing import Any

from PIL import Image, ImageOps

from fashion_assets.extraction.backends.endpoint.connection import (
    ENDPOINT_DOWN,
    ENDPOINT_ERROR,
    Circuit,
    Endpoint,
    RequestFailed,
)
from fashion_assets.extraction.backends.endpoint.field_probabilities import field_probabilities
from fashion_assets.extraction.backends.endpoint.requests import EndpointRequests
from fashion_assets.extraction.backends.endpoint.threads import RequestThreads
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question

LARGEST_SIDE = 1024
"""Pixels of a photo's longer side when sent; most servers scale or tile photos to about this size anyway."""

JPEG_QUALITY = 90

_TOKENS_FACTOR = 2
"""`max_new_tokens` counts SmolVLM's tokens; another tokenizer needs up to about this many times more."""

_FORMAT = "response_format|json_schema|json_object|guided|grammar"
_CONCESSIONS: tuple[tuple[str, dict], ...] = (
    ("logprobs", {"logprobs": None}),
    (_FORMAT, {"response_format": {"type": "json_object"}}),
    (_FORMAT, {"response_format": None}),
)
"""Changes to a request, in this order, if an endpoint's refusal names the feature; None removes the parameter."""

_log = logging.getLogger(__name__)


def endpoint_identity(endpoint: Endpoint) -> ModelIdentity:
    """The identity of the model that `endpoint` serves, as far as it is known: its name there, and the host."""
    return ModelIdentity(
        model_id=f"{endpoint.model}@{endpoint.host}",
        photo_preparation=f"jpeg;quality={JPEG_QUALITY};largest_side={LARGEST_SIDE};then the endpoint's",
        decoding="temperature=0;json_schema",
        is_bounded_by_tokens=True,
    )


class EndpointModel(VisionLanguageModel):
    """Sends up to `concurrency` requests at a time in total, however many threads call `answer`.

    A photo without an answer after all tries becomes a failed answer (`timeout`, `endpoint_error`); the others go
    on. If the endpoint is down, refuses the key, or does not serve the model, nothing more is sent: the rest of the
    call fails as `endpoint_down`, the answers so far are returned, and the next call raises ModelError. A call without
    any answer raises it itself. The same happens after `stop`, except that the next call sends requests again.

    If the model refuses to answer, or cannot finish within max_tokens, a retry would not help: this counts as an empty
    answer, which is stored, and which the parser codes.
    """

    asks_concurrently = True
    micro_batch = 64

    def __init__(self, endpoint: Endpoint):
        """Nothing is sent yet."""
        self.identity = endpoint_identity(endpoint)
        self._model = endpoint.model
        self._circuit = Circuit(endpoint)
        self._requests = EndpointRequests(endpoint, self._circuit)
        self._threads = RequestThreads(endpoint.concurrency)
        self._settled: dict[str, tuple[int, ...]] = {}  # concessions by schema hash, once an answer arrived with them
        self._logged: set[str] = set()

    def prepare(self, photo: Image.Image, sha256: str = "") -> str:
        """The photo as a data URL."""
        if max(photo.size) > LARGEST_SIDE:
            photo = ImageOps.contain(photo, (LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        photo.save(file, "JPEG", quality=JPEG_QUALITY)
        return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"

    def answer(self, photos: Sequence[str], question: Question) -> list[Answer]:
        stopped = self._circuit.check()
        ask = partial(self._ask, question=question, stopped=stopped)
        try:
            results = self._threads.results(ask, photos, stopped)
        except BaseException:
            self.stop()
            raise
        answers = [answer or Answer("", failure=ENDPOINT_DOWN) for answer in results]
        if all(answer.failure for answer in answers):
            self._circuit.check()
        return answers

    def stop(self) -> None:
        self._circuit.stop()

    def _ask(self, photo: str, question: Question, stopped: Event) -> Answer:
        try:
            completion, seconds = self._send(photo, question, stopped)
        except RequestFailed as failure:
            self._circuit.failed(failure)
            return self._failed(failure, failure.code)
        self._circuit.answered()
        try:
            answer = _read(completion, seconds, question)
        except RequestFailed as failure:
            return self._failed(failure, ENDPOINT_ERROR)
        if not answer.text and (reason := _why_no_answer(completion)):
            self._warn(reason)
        return answer

    def _send(self, photo: str, question: Question, stopped: Event) -> tuple[dict, float]:
        """A completion and its seconds, with as few concessions as this endpoint needs for this question's schema.

        They are settled by the first answer: from then on, a refusal is about the photo.
        """
        settled = self._settled.get(question.schema_hash)
        concessions = settled or ()
        while True:
            try:
                sent = self._requests.send(self._request(photo, question, concessions), stopped)
            except RequestFailed as failure:
                further = _next_concession(failure, concessions) if settled is None else None
                if further is None:
                    raise
                concessions = (*concessions, further)
            else:
                self._settled.setdefault(question.schema_hash, concessions)
                return sent

    def _request(self, photo: str, question: Question, concessions: Sequence[int]) -> dict[str, Any]:
        name = re.sub(r"[^a-zA-Z0-9_-]", "_", question.id)[:64]
        request = {
            "model": self._model,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": photo}},
                        {"type": "text", "text": question.text},
                    ],
                }
            ],
            "temperature": 0,
            "max_tokens": _TOKENS_FACTOR * question.max_new_tokens,
            "logprobs": True,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": name, "schema": question.schema, "strict": True},
            },
        }
        for concession in concessions:
            request |= _CONCESSIONS[concession][1]
        return {key: value for key, value in request.items() if value is not None}

    def _failed(self, failure: RequestFailed, code: str) -> Answer:
        if code != ENDPOINT_DOWN:
            self._warn(str(failure))
        return Answer("", failure=code)

    def _warn(self, reason: str) -> None:
        if reason not in self._logged:  # once per reason: there may be thousands of photos
            self._logged.add(reason)
            _log.warning("No answer from %s: %s", self.identity.model_id, reason)


def _next_concession(refusal: RequestFailed, concessions: Sequence[int]) -> int | None:
    if not refusal.is_about_one_request:
        return None
    return next(
        (i for i, (named, _) in enumerate(_CONCESSIONS) if i not in concessions and re.search(named, refusal.body)),
        None,
    )


def _read(completion: Mapping, seconds: float, question: Question) -> Answer:
    """The answer in a chat completion, empty if the model has none; raises RequestFailed if there is no text.

    A truncated answer counts as none: repaired, it could pass for a complete one.
    """
    choice = completion["choices"][0]
    text = "" if _why_no_answer(completion) else _text_of(choice["message"].get("content"))
    if text is None:
        raise RequestFailed(f"the model gave no text (finish_reason is '{choice.get('finish_reason')}')")
    usage = completion.get("usage")
    return Answer(
        text=text.strip(),
        probabilities=_probabilities(choice.get("logprobs"), text, question),
        prompt_tokens=_count(usage, "prompt_tokens"),
        answer_tokens=_count(usage, "completion_tokens"),
        seconds=seconds,
    )


def _why_no_answer(completion: Mapping) -> str | None:
    """Why the model would not answer the same request on a retry either; None if it did answer."""
    choice = completion["choices"][0]
    ending = choice.get("finish_reason")
    if choice["message"].get("refusal") or ending == "content_filter":
        return f"the model refused to answer (finish_reason is '{ending}')"
    if ending == "length" and not _is_json(_text_of(choice["message"].get("content")) or ""):
        return "the answer was cut off at max_tokens; raise the question's max-new-tokens"
    return None


def _text_of(content: object) -> str | None:
    """The text of a message; some servers send a list of parts instead."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str)) or None
    if not isinstance(content, str):
        return None
    return content.encode(errors="replace").decode()  # JSON can hold an unpaired surrogate, a table cannot


def _probabilities(logprobs: Any, text: str, question: Question) -> dict[str, float]:
    """By field key; empty if the endpoint sends no log-probabilities, or if the tokens do not spell the answer."""
    try:
        tokens = [(entry["token"], math.exp(entry["logprob"])) for entry in logprobs["content"]]
        spelled = "".join(token for token, _ in tokens)
    except (TypeError, LookupError, OverflowError):
        return {}
    start = spelled.find(text)
    if start < 0 or any(math.isnan(chance) for _, chance in tokens):
        return {}
    ends, end = [], -start
    for token, _ in tokens:
        end += len(token)
        ends.append(end)
    return field_probabilities(text, ends, [min(chance, 1.0) for _, chance in tokens], question.keys)


def _count(usage: object, name: str) -> int:
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) else 0


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
