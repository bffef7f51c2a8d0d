"""When to stop sending requests to an endpoint: if it is down, or refuses everything. What it says then is in
`reasons.py`.
"""

import threading
import time
from copy import copy

from fashion_assets.errors import ModelError
from fashion_assets.extraction.backends.endpoint.connection import ENDPOINT_DOWN, Endpoint, RequestFailed
from fashion_assets.extraction.backends.endpoint.reasons import (
    CONTEXT,
    CREDIT,
    KEY,
    NO_PHOTOS,
    UNKNOWN_MODEL,
    WRONG_ADDRESS,
    Reason,
)

FIRST_REFUSALS = 4
"""If this many requests are refused or unanswered before the first answer, the photos are not the reason."""

REST_SECONDS = 30.0
"""Time after which the same process tries an endpoint again that was reported as down."""

_ALWAYS = (CREDIT, KEY, UNKNOWN_MODEL)
_BEFORE_THE_FIRST_ANSWER = (NO_PHOTOS, WRONG_ADDRESS)
"""Reasons for which no further request is sent; after an answer, the second are about that request."""


class Circuit:
    """Circuit breaker: stops requests if the endpoint is down or refuses everything, or on `stop`."""

    def __init__(self, endpoint: Endpoint):
        self._opened = threading.Event()
        self._endpoint = endpoint
        self._limit = max(8, 2 * endpoint.concurrency)
        self._silence_limit = max(FIRST_REFUSALS, endpoint.concurrency)
        self._lock = threading.Lock()
        self._reason: ModelError | None = None
        self._closes_at: float | None = None
        self._was_ever_answered = False
        self._unanswered = self._refused = self._silent = 0

    def check(self) -> threading.Event:
        """The event that is set when requests sent from now on must stop.

        Raises ModelError if the circuit is open; REST_SECONDS after the first call that raised, a call closes it again.
        """
        with self._lock:
            if not self._opened.is_set():
                return self._opened
            now = time.monotonic()
            self._closes_at = self._closes_at or now + REST_SECONDS
            if now < self._closes_at and self._reason is not None:
                raise copy(self._reason)  # with its own traceback
            self._closes_at, self._unanswered, self._refused, self._silent = None, 0, 0, 0
            self._opened = threading.Event()
            return self._opened

    def stop(self) -> None:
        """Stop the running requests; later ones are not affected."""
        with self._lock:
            if not self._opened.is_set():
                self._opened.set()
                self._opened = threading.Event()

    def answered(self) -> None:
        with self._lock:
            self._was_ever_answered = True
            self._unanswered = 0

    def timed_out(self, failure: RequestFailed) -> None:
        """Count a try that timed out; before the first answer, a few are enough to stop."""
        with self._lock:
            self._silent += 1
            if self._was_ever_answered or self._silent < self._silence_limit or self._opened.is_set():
                return
            self._reason = ModelError(
                value=(
                    f"The endpoint {self._endpoint.address} did not answer its first {self._silent} requests"
                    f" ({failure})"
                ),
                rule="it must answer at least one",
                remedy="check whether it hangs, or raise FASHION_ENDPOINT_TIMEOUT",
            )
            self._opened.set()

    def failed(self, failure: RequestFailed) -> None:
        """Count a request that failed after all its tries."""
        with self._lock:
            if failure.code == ENDPOINT_DOWN or self._opened.is_set():
                return
            self._reason = self._why_stop(failure)
            if self._reason:
                self._opened.set()

    def _why_stop(self, failure: RequestFailed) -> ModelError | None:
        endpoint, subject = self._endpoint, f"The endpoint {self._endpoint.address}"
        if failure.reason in _ALWAYS:
            return self._stopped_by(failure.reason, failure)
        if failure.reason in _BEFORE_THE_FIRST_ANSWER and not self._was_ever_answered:
            return self._stopped_by(failure.reason, failure)
        if failure.is_about_one_request:
            self._unanswered = 0
            self._refused += 1
            if self._was_ever_answered or self._refused < FIRST_REFUSALS:
                return None
            explained = failure.reason is CONTEXT
            rule = f"FASHION_VLM ('{endpoint.model}') must see photos, and FASHION_ENDPOINT be OpenAI-compatible"
            return ModelError(
                value=f"{subject} refused the first {self._refused} requests ({failure})",
                rule=CONTEXT.rule.format(model=endpoint.model) if explained else rule,
                remedy=CONTEXT.remedy if explained else "correct these settings",
            )
        if failure.is_about_all_requests:
            return self._stopped_by(UNKNOWN_MODEL, failure)
        self._unanswered += 1
        if failure.is_not_there and not self._was_ever_answered:
            return ModelError(
                value=f"{subject} cannot be reached ({failure})",
                rule="it must run and be reachable from here",
                remedy="start it, or correct FASHION_ENDPOINT",
            )
        if self._unanswered < self._limit:
            return None
        return ModelError(
            value=f"{subject} has not answered {self._unanswered} requests in a row (last: {failure})",
            rule="it must answer, and the answers so far are kept",
            remedy="run the same command again when it is back",
        )

    def _stopped_by(self, reason: Reason, failure: RequestFailed) -> ModelError:
        names = {
            "endpoint": f"the endpoint {self._endpoint.address}",
            "key": "the key" if self._endpoint.secret else "a request without a key",
            "model": self._endpoint.model,
        }
        value, rule, remedy = (text.format(**names) for text in (reason.value, reason.rule, reason.remedy))
        return ModelError(value=f"{value[:1].upper()}{value[1:]} ({failure})", rule=rule, remedy=remedy)
