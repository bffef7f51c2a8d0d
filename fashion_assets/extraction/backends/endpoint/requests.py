"""Requests to an OpenAI-compatible endpoint: which are retried, and after which wait.

Content and answers are in `model.py`; when to stop is in `connection.py`. The `openai` client sends but does not retry:
its waits could not be interrupted, its first wait is fixed, and it does not retry broken JSON. The user's OPENAI_*
variables have no effect; the machine's proxies and certificates (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE) apply as in any
other program.
"""

import json
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_when_event_set
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_exponential, wait_random

from fashion_assets.extraction.backends.endpoint.connection import (
    ENDPOINT_DOWN,
    MAY_PASS,
    TIMEOUT,
    Circuit,
    Endpoint,
    RequestFailed,
)

LONGEST_WAIT_SECONDS = 120.0
"""Between two tries, to bound the total wait; if a server demands more (Retry-After), the request is not retried."""

_LONGEST_BACKOFF_SECONDS = 20.0
_CONNECT_SECONDS = 10.0
_LONGEST_QUOTE = 200
_NOT_THERE = (ConnectionRefusedError, socket.gaierror, ssl.SSLError)


class EndpointRequests:
    """Sends requests, each up to the endpoint's `tries` times, and reports timeouts to `circuit`."""

    def __init__(self, endpoint: Endpoint, circuit: Circuit):
        self._endpoint = endpoint
        self._circuit = circuit
        self._client = _client(endpoint)
        first = endpoint.first_wait_seconds
        self._backoff = wait_exponential(multiplier=first, max=_LONGEST_BACKOFF_SECONDS) + wait_random(0, first)

    def send(self, request: Mapping[str, Any], stopped: Event) -> tuple[dict, float]:
        """The chat completion, which has a message, and the seconds of the successful try; raises RequestFailed.

        Nothing is sent once `stopped` is set.
        """
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, RequestFailed) and error.may_pass),
            stop=stop_after_attempt(self._endpoint.tries) | stop_when_event_set(stopped),
            wait=self._wait,
            sleep=sleep_using_event(stopped),
            reraise=True,
        )
        return retrying(self._send_once, request, stopped)

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome is not None else None
        retry_after = failure.retry_after if isinstance(failure, RequestFailed) else 0.0
        return max(retry_after, self._backoff(state))

    def _send_once(self, request: Mapping[str, Any], stopped: Event) -> tuple[dict, float]:
        import openai

        if stopped.is_set():
            raise RequestFailed("not sent", code=ENDPOINT_DOWN)
        started = time.perf_counter()
        try:
            text = self._client.chat.completions.with_raw_response.create(**request).text
        except openai.APIStatusError as error:
            raise self._status_failure(error) from None
        except openai.APITimeoutError as error:
            reason = f"no answer within {self._endpoint.timeout_seconds:g} s"
            if type(error.__cause__).__name__ == "ConnectTimeout":
                reason = f"no connection within {_connect_seconds(self._endpoint):g} s"
            failure = RequestFailed(reason, code=TIMEOUT, may_pass=True)
            self._circuit.timed_out(failure)
            raise failure from None
        except openai.APIConnectionError as error:
            cause = _root_cause(error)
            reason = self._quote(getattr(cause, "strerror", None) or str(cause) or type(cause).__name__)
            raise RequestFailed(reason, may_pass=True, is_not_there=isinstance(cause, _NOT_THERE)) from None
        seconds = time.perf_counter() - started
        try:
            completion = json.loads(text)
            completion["choices"][0]["message"].get("content")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise RequestFailed(f"no chat completion: {self._quote(text)}", may_pass=True) from None
        return completion, seconds

    def _status_failure(self, error) -> RequestFailed:
        content = error.body
        if isinstance(content, dict):
            content = content.get("message") or content.get("detail") or content
        retry_after = _retry_after(error.response.headers)
        return RequestFailed(
            f"HTTP {error.status_code}: {self._quote(content or error.response.reason_phrase)}",
            status=error.status_code,
            body=error.response.text.lower(),
            may_pass=(error.status_code in MAY_PASS or error.status_code >= 500)
            and retry_after <= LONGEST_WAIT_SECONDS,
            retry_after=retry_after,
        )

    def _quote(self, content: object) -> str:
        """One short line of a server's response, without the key, which some servers repeat."""
        text = " ".join(str(content).split())
        if self._endpoint.secret:
            text = text.replace(self._endpoint.secret, "***")
        return text[:_LONGEST_QUOTE]


def _client(endpoint: Endpoint):
    import openai

    # Arguments left out are read from OPENAI_* and would be sent to a server that they are not meant for.
    client = openai.OpenAI(
        api_key=endpoint.secret or "none",
        admin_api_key="",
        webhook_secret="",
        organization="",
        project="",
        base_url=endpoint.url,
        timeout=openai.Timeout(endpoint.timeout_seconds, connect=_connect_seconds(endpoint), pool=None),
        max_retries=0,
    )
    client.organization = client.project = None
    client._custom_headers = {}  # OPENAI_CUSTOM_HEADERS: no argument means "none"
    return client


def _connect_seconds(endpoint: Endpoint) -> float:
    return min(endpoint.timeout_seconds, _CONNECT_SECONDS)


def _root_cause(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait according to the server, which sends a number or a date; 0 if it sends neither."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return 0.0
    return seconds if seconds > 0 else 0.0
