"""Requests to an OpenAI-compatible endpoint: to which address, which are retried, and after which wait.

Their content is in `model.py`; what a response says is in `replies.py`, when to stop in `circuit.py`. The `openai`
client sends but does not retry: its waits could not be interrupted, its first wait is fixed, and it does not retry
broken JSON. The user's OPENAI_* variables have no effect; the machine's proxies and certificates (HTTPS_PROXY,
NO_PROXY, SSL_CERT_FILE) apply as in any other program.
"""

import logging
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_exponential, wait_random

from fashion_assets.extraction.backends.endpoint.addresses import base_addresses, parameters_of
from fashion_assets.extraction.backends.endpoint.circuit import Circuit
from fashion_assets.extraction.backends.endpoint.connection import ENDPOINT_DOWN, TIMEOUT, Endpoint, RequestFailed
from fashion_assets.extraction.backends.endpoint.http_client import AnswerTooLarge, BoundedClient, Deadline
from fashion_assets.extraction.backends.endpoint.reasons import WRONG_ADDRESS
from fashion_assets.extraction.backends.endpoint.replies import Reply, failure_of, read_reply

if TYPE_CHECKING:
    from openai import OpenAI

LONGEST_WAIT_SECONDS = 120.0
"""Between two tries, to bound the total wait; if a server demands more (Retry-After), the request is not retried."""

LONGEST_LOADING_SECONDS = 300.0
"""For a server that says that it is loading its model, however many tries that takes: hosts start one on demand."""

_LONGEST_BACKOFF_SECONDS = 20.0
_CONNECT_SECONDS = 10.0
_NOT_THERE = (ConnectionRefusedError, socket.gaierror, ssl.SSLError)

_log = logging.getLogger(__name__)


class EndpointRequests:
    """Sends requests, each up to the endpoint's `tries` times, and reports timeouts to `circuit`.

    Until the first reply, a request goes to each address that the endpoint may have, until one is right.
    """

    def __init__(self, endpoint: Endpoint, circuit: Circuit):
        self._endpoint = endpoint
        self._circuit = circuit
        self._deadline = Deadline()
        self._clients = [_client(endpoint, base, self._deadline) for base in base_addresses(endpoint.url)]
        self._is_settled = self._has_told_of_loading = False
        first = endpoint.first_wait_seconds
        self._backoff = wait_exponential(multiplier=first, max=_LONGEST_BACKOFF_SECONDS) + wait_random(0, first)

    def send(self, request: Mapping[str, Any], stopped: Event) -> tuple[Reply, float]:
        """The model's reply, and the seconds of the successful try; raises RequestFailed.

        Nothing is sent once `stopped` is set.
        """
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, RequestFailed) and error.may_pass),
            stop=lambda state: stopped.is_set() or self._was_tried_enough(state),
            wait=self._wait,
            sleep=sleep_using_event(stopped),
            reraise=True,
        )
        return retrying(self._send_once, request, stopped)

    def _was_tried_enough(self, state: RetryCallState) -> bool:
        failure = _failure(state)
        if failure is None or not failure.is_loading:
            return state.attempt_number >= self._endpoint.tries
        if not self._has_told_of_loading:
            self._has_told_of_loading = True
            _log.warning("The endpoint %s is loading its model; this can take minutes.", self._endpoint.address)
        return (state.seconds_since_start or 0) >= LONGEST_LOADING_SECONDS

    def _wait(self, state: RetryCallState) -> float:
        failure = _failure(state)
        return max(failure.retry_after if failure is not None else 0.0, self._backoff(state))

    def _send_once(self, request: Mapping[str, Any], stopped: Event) -> tuple[Reply, float]:
        if stopped.is_set():
            raise RequestFailed("not sent", code=ENDPOINT_DOWN)
        first: RequestFailed | None = None
        for client in list(self._clients):
            try:
                replied = self._post(client, request)
            except RequestFailed as failure:
                if self._is_settled or not failure.is_wrong_address:
                    raise
                failure.may_pass = False
                first = first or failure
            else:
                self._clients, self._is_settled = [client], True
                return replied
        raise first or RequestFailed("no address")

    def _post(self, client: "OpenAI", request: Mapping[str, Any]) -> tuple[Reply, float]:
        import openai

        started = time.perf_counter()
        try:
            with self._deadline.within(self._endpoint.timeout_seconds):
                response = client.chat.completions.with_raw_response.create(**request)
        except AnswerTooLarge as error:
            raise RequestFailed(str(error)) from None
        except openai.APIStatusError as error:
            self._refuse_redirected(error.response)
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
            reason = self._endpoint.quote(getattr(cause, "strerror", None) or str(cause) or type(cause).__name__)
            raise RequestFailed(reason, may_pass=True, is_not_there=isinstance(cause, _NOT_THERE)) from None
        seconds = time.perf_counter() - started
        return read_reply(response.text, self._endpoint.quote), seconds

    def _refuse_redirected(self, response) -> None:
        """Raise RequestFailed if the server points elsewhere: a photo goes to no address that the user did not give."""
        if response.has_redirect_location:
            place = _joined(str(response.request.url), response.headers["location"]).partition("?")[0]
            raise RequestFailed(f"the request was redirected to {self._endpoint.quote(place)}", reason=WRONG_ADDRESS)

    def _status_failure(self, error) -> RequestFailed:
        text, status = error.response.text, error.status_code
        retry_after = _retry_after(error.response.headers)
        content = text if text.strip() else error.response.reason_phrase
        failure = failure_of(content, self._endpoint.quote, status, retry_after)
        failure.may_pass = failure.may_pass and retry_after <= LONGEST_WAIT_SECONDS
        return failure


def _failure(state: RetryCallState) -> RequestFailed | None:
    """The failure of the last try."""
    failure = state.outcome.exception() if state.outcome is not None else None
    return failure if isinstance(failure, RequestFailed) else None


def _client(endpoint: Endpoint, base_url: str, deadline: Deadline) -> "OpenAI":
    import openai

    # Arguments left out are read from OPENAI_* and would be sent to a server that they are not meant for.
    client = openai.OpenAI(
        api_key=endpoint.secret or "none",
        admin_api_key="",
        webhook_secret="",
        organization="",
        project="",
        base_url=base_url,
        default_query=parameters_of(endpoint.url),
        timeout=openai.Timeout(endpoint.timeout_seconds, connect=_connect_seconds(endpoint), pool=None),
        max_retries=0,
        http_client=BoundedClient(deadline, openai.DEFAULT_CONNECTION_LIMITS),
    )
    client.organization = client.project = None
    client._custom_headers = {}  # OPENAI_CUSTOM_HEADERS: no argument means "none"
    return client


def _connect_seconds(endpoint: Endpoint) -> float:
    return min(endpoint.timeout_seconds, _CONNECT_SECONDS)


def _joined(address: str, location: str) -> str:
    try:
        return urljoin(address, location)
    except ValueError:  # no address at all
        return location


def _root_cause(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait according to the server, which sends milliseconds, seconds or a date; 0 if it sends none."""
    for name, share in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _seconds(headers.get(name, "")) * share
        if seconds > 0:
            return seconds
    return 0.0


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        try:
            return (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return 0.0
