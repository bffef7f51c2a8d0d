"""The back end for any OpenAI-compatible endpoint: vLLM, SGLang, llama.cpp, Databricks Model Serving, hosted models.

One request per photo and question. Here requests are composed and repeated in another form if need be; sending and
retrying are in `requests.py`, what a response says in `replies.py`, parameters that an endpoint does not take in
`parameters.py`, concurrency in `threads.py`, when to stop in `circuit.py`, and parsing of an answer's text in
`answers.py`.
"""

import base64
import io
import logging
import math
import re
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Any

from PIL import Image, ImageOps

from fashion_assets.extraction.answer_objects import find_answer, is_whole_answer
from fashion_assets.extraction.backends.endpoint.circuit import Circuit
from fashion_assets.extraction.backends.endpoint.connection import (
    ANSWER_CUT_OFF,
    ENDPOINT_DOWN,
    Endpoint,
    RequestFailed,
)
from fashion_assets.extraction.backends.endpoint.field_probabilities import field_probabilities
from fashion_assets.extraction.backends.endpoint.parameters import Parameters, adapted
from fashion_assets.extraction.backends.endpoint.reasons import TOO_FEW_TOKENS
from fashion_assets.extraction.backends.endpoint.replies import Reply
from fashion_assets.extraction.backends.endpoint.requests import EndpointRequests
from fashion_assets.extraction.backends.endpoint.threads import RequestThreads
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question

LARGEST_SIDE = 1024
"""Pixels of a photo's longer side when sent; most servers scale or tile photos to about this size anyway."""

JPEG_QUALITY = 90

_TOKENS_FACTOR = 2
"""`max_new_tokens` counts SmolVLM's tokens; another tokenizer needs up to about this many times more."""

_MORE_TOKENS = 4
"""If an answer was cut off, it may have so many times more: models that think need thousands for a short answer."""

_MOST_TOKENS = 4_096

_MOST_WARNINGS = 20

_LONGEST_SCORED = 32_000
"""Characters of a text whose tokens are assigned to the answer's values; no valid answer is as long."""

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

    A parameter that the endpoint refuses is renamed or left out from then on. An answer that is cut off is asked for
    again with more tokens; what stays cut off, and a refusal of the model, is a failed answer too (`answer_cut_off`,
    `answer_refused`). A failed answer is never stored, so that a retry asks again.
    """

    asks_concurrently = True
    micro_batch = 64

    def __init__(self, endpoint: Endpoint):
        """Nothing is sent yet."""
        self.identity = endpoint_identity(endpoint)
        self._model = endpoint.model
        self._tries = endpoint.tries
        self._quote = endpoint.quote
        self._circuit = Circuit(endpoint)
        self._requests = EndpointRequests(endpoint, self._circuit)
        self._threads = RequestThreads(endpoint.concurrency)
        self._parameters = Parameters()
        self._most_tokens: dict[str, int] = {}  # by question: with how many an answer was whole
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
            reply, seconds = self._whole_reply(photo, question, stopped)
        except RequestFailed as failure:
            if failure.is_about_the_photo:
                self._circuit.answered()
            else:
                self._circuit.failed(failure)
            if failure.code != ENDPOINT_DOWN:
                self._warn("No answer from %s: %s", str(failure))
            return Answer("", failure=failure.code)
        self._circuit.answered()
        if not find_answer(reply.text, question.fields):
            self._warn("An answer from %s has no JSON object with a wanted key: %s", self._quote(reply.text))
        return Answer(
            text=reply.text,
            probabilities=_probabilities(reply, question),
            prompt_tokens=reply.prompt_tokens,
            answer_tokens=reply.answer_tokens,
            seconds=seconds,
        )

    def _whole_reply(self, photo: str, question: Question, stopped: Event) -> tuple[Reply, float]:
        """A reply that is not cut off, for which its tokens may have to be raised, and its seconds.

        Repaired, the beginning of an answer could pass for a whole one.
        """
        request = self._request(photo, question)
        first = request["max_tokens"]
        for _ in range(self._tries):
            try:
                reply, seconds = self._send(request, stopped)
            except RequestFailed as failure:
                if failure.reason is not TOO_FEW_TOKENS:
                    if request["max_tokens"] > first and failure.is_about_one_request:
                        break  # so many tokens are refused
                    raise
            else:
                if not _is_cut_off(reply, question):
                    self._most_tokens[question.id] = max(request["max_tokens"], self._most_tokens.get(question.id, 0))
                    return reply, seconds
            if request["max_tokens"] >= _MOST_TOKENS:
                break
            request |= {"max_tokens": min(_MORE_TOKENS * request["max_tokens"], _MOST_TOKENS)}
        raise RequestFailed(
            "the answer was cut off at the largest number of tokens; raise the question's max-new-tokens, or use a"
            " model that thinks less",
            code=ANSWER_CUT_OFF,
        )

    def _send(self, request: dict[str, Any], stopped: Event) -> tuple[Reply, float]:
        """The reply to a request in the form that this endpoint takes, and its seconds."""
        while True:
            steps = self._parameters.steps()
            try:
                return self._requests.send(adapted(request, steps), stopped)
            except RequestFailed as failure:
                if not failure.may_name_a_parameter:
                    raise
                if not self._parameters.may_be_sent_again(request, steps, failure.error):
                    raise

    def _request(self, photo: str, question: Question) -> dict[str, Any]:
        name = re.sub(r"[^a-zA-Z0-9_-]", "_", question.id)[:64]
        tokens = self._most_tokens.get(question.id, _TOKENS_FACTOR * question.max_new_tokens)
        return {
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
            "max_tokens": tokens,
            "logprobs": True,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": name, "schema": question.schema, "strict": True},
            },
        }

    def _warn(self, message: str, reason: str) -> None:
        if reason not in self._logged and len(self._logged) < _MOST_WARNINGS:  # there may be thousands of photos
            self._logged.add(reason)
            _log.warning(message, self.identity.model_id, reason)


def _is_cut_off(reply: Reply, question: Question) -> bool:
    return reply.is_cut_off and (reply.is_from_thoughts or not is_whole_answer(reply.text, question.fields))


def _probabilities(reply: Reply, question: Question) -> dict[str, float]:
    """By field key; empty if the endpoint sends no log-probabilities, or if the tokens do not spell the answer."""
    if len(reply.text) > _LONGEST_SCORED:
        return {}
    try:
        tokens = [(entry["token"], math.exp(entry["logprob"])) for entry in reply.logprobs["content"]]
        spelled = "".join(token for token, _ in tokens)
    except (TypeError, LookupError, OverflowError):
        return {}
    start = spelled.find(reply.text)
    if start < 0 or any(math.isnan(chance) for _, chance in tokens):
        return {}
    ends, end = [], -start
    for token, _ in tokens:
        end += len(token)
        ends.append(end)
    return field_probabilities(reply.text, ends, [min(chance, 1.0) for _, chance in tokens], question.keys)
