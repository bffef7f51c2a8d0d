"""An OpenAI-compatible endpoint: its address, how requests to it can fail, and when to stop sending them.

Nothing here sends requests: `requests.py` does.
"""

import re
import threading
import time
from copy import copy
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fashion_assets.errors import ModelError, SettingsError

TIMEOUT = "timeout"
ENDPOINT_ERROR = "endpoint_error"
ENDPOINT_DOWN = "endpoint_down"
"""Not sent, because the endpoint seems to be down."""

FIRST_REFUSALS = 4
"""If this many requests are refused or unanswered before the first answer, the photos are not the reason."""

MAY_PASS = {408, 409, 425, 429}
"""HTTP statuses below 500 for which a retry can help."""

REST_SECONDS = 30.0
"""Time after which the same process tries an endpoint again that was reported as down."""

_ABOUT_ONE_REQUEST = {400, 413, 415, 422}


@dataclass(frozen=True)
class Endpoint:
    """An endpoint and the limits of its requests; raises SettingsError for an unusable address or key.

    `url` is like `http://host:8000/v1`, `model` the name it serves, `concurrency` the most requests in flight,
    `timeout_seconds` the longest wait for an answer, `tries` includes the first, `first_wait_seconds` doubles with each
    try.
    """

    url: str
    model: str
    key: str | None = field(repr=False)
    concurrency: int = 8
    timeout_seconds: float = 60
    tries: int = 5
    first_wait_seconds: float = 0.5

    def __post_init__(self):
        if "@" in self.url:
            raise SettingsError(
                value="FASHION_ENDPOINT has an '@' with a user or a password before it",
                rule="the UI shows the address",
                remedy="use only the address, like http://host:8000/v1, and set the secret as FASHION_ENDPOINT_KEY",
            )
        if not _is_address(self.url):
            raise SettingsError(
                value=f"FASHION_ENDPOINT is '{self.address}'",
                rule="it must be the http or https address of an endpoint",
                remedy="use one like http://host:8000/v1",
            )
        if re.search(r"[^!-~]", self.secret):
            raise SettingsError(
                value="FASHION_ENDPOINT_KEY has a space or a character beyond ASCII",
                rule="keys never do",
                remedy="copy it again",
            )

    @property
    def address(self) -> str:
        """The URL without parameters, which can be secret; safe to show."""
        return self.url.partition("?")[0]

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def secret(self) -> str:
        return (self.key or "").strip()


class RequestFailed(Exception):
    """Control flow that never leaves this package: a request without an answer becomes a failure code.

    Its text never contains the key. `code` is the failure code, `status` the HTTP status, if any.
    """

    def __init__(
        self,
        reason: str,
        code: str = ENDPOINT_ERROR,
        status: int | None = None,
        body: str = "",
        may_pass: bool = False,
        retry_after: float = 0.0,
        is_not_there: bool = False,
    ):
        super().__init__(reason)
        self.code, self.status, self.body = code, status, body
        self.may_pass, self.retry_after, self.is_not_there = may_pass, retry_after, is_not_there

    @property
    def is_about_one_request(self) -> bool:
        return self.status in _ABOUT_ONE_REQUEST

    @property
    def is_about_all_requests(self) -> bool:
        return self.status is not None and self.status < 500 and self.status not in MAY_PASS | _ABOUT_ONE_REQUEST


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
        if failure.is_about_one_request:
            self._unanswered = 0
            self._refused += 1
            if self._was_ever_answered or self._refused < FIRST_REFUSALS:
                return None
            return ModelError(
                value=f"{subject} refused the first {self._refused} requests ({failure})",
                rule=f"FASHION_VLM ('{endpoint.model}') must see photos, and FASHION_ENDPOINT be OpenAI-compatible",
                remedy="correct these settings",
            )
        if failure.status in (401, 403):
            key = "the key" if endpoint.secret else "a request without a key"
            return ModelError(
                value=f"{subject} refuses {key} ({failure})",
                rule=f"a key must be allowed to use '{endpoint.model}'",
                remedy="set FASHION_ENDPOINT_KEY to such a key",
            )
        if failure.is_about_all_requests:
            return ModelError(
                value=f"{subject} does not serve the model '{endpoint.model}' ({failure})",
                rule="FASHION_VLM must be a name that it serves",
                remedy="set FASHION_VLM to one, and FASHION_ENDPOINT to an address like http://host:8000/v1",
            )
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


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
