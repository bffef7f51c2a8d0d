"""An OpenAI-compatible endpoint: its address, and how requests to it can fail.

Nothing here sends requests: `requests.py` does. When to stop sending them is decided in `circuit.py`.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fashion_assets.errors import SettingsError
from fashion_assets.extraction.backends.endpoint.error_bodies import ErrorBody
from fashion_assets.extraction.backends.endpoint.reasons import (
    CONTENT_FILTER,
    CONTEXT,
    CREDIT,
    LOADING,
    TOO_FEW_TOKENS,
    UNKNOWN_MODEL,
    WRONG_ADDRESS,
    Reason,
    reason_of,
)

TIMEOUT = "timeout"
ENDPOINT_ERROR = "endpoint_error"
ENDPOINT_DOWN = "endpoint_down"
"""Not sent, because the endpoint seems to be down."""

ANSWER_REFUSED = "answer_refused"
ANSWER_CUT_OFF = "answer_cut_off"

MAY_PASS = {408, 409, 425, 429}
"""HTTP statuses below 500 for which a retry can help."""

_ABOUT_ONE_REQUEST = {400, 413, 415, 422}
_MAY_NAME_A_PARAMETER = {400, 403, 404, 405, 415, 422, 501}
_LONGEST_QUOTE = 200


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

    def quote(self, content: object) -> str:
        """One short line of what a server sent, without the key, which some servers repeat, and without characters
        that a terminal obeys."""
        text = "".join(sign if sign.isprintable() else " " for sign in str(content)[: 100 * _LONGEST_QUOTE])
        text = " ".join(text.split())
        if self.secret:
            text = text.replace(self.secret, "***")
        return text[:_LONGEST_QUOTE]


class RequestFailed(Exception):
    """Control flow that never leaves this package: a request without an answer becomes a failure code.

    Its text never contains the key. `code` is the failure code, `status` the HTTP status, if any, `error` what the
    server says about it; `may_pass` tells whether another try can help, after `retry_after` seconds.
    """

    def __init__(
        self,
        text: str,
        code: str = ENDPOINT_ERROR,
        status: int | None = None,
        error: ErrorBody = ErrorBody(),  # noqa: B008 - immutable
        may_pass: bool = False,
        retry_after: float = 0.0,
        is_not_there: bool = False,
        reason: Reason | None = None,
    ):
        super().__init__(text)
        self.status, self.error = status, error
        self.retry_after, self.is_not_there = retry_after, is_not_there
        self.reason = reason or reason_of(error, status)
        self.code = ANSWER_REFUSED if self.reason is CONTENT_FILTER else code
        self.may_pass = may_pass and self.reason in (None, LOADING, WRONG_ADDRESS)

    @property
    def is_loading(self) -> bool:
        """Whether the server says that it is about to load the model."""
        return self.reason is LOADING

    @property
    def is_about_the_photo(self) -> bool:
        """Whether the model was asked, and would not answer, or not to the end."""
        return self.code in (ANSWER_REFUSED, ANSWER_CUT_OFF)

    @property
    def may_name_a_parameter(self) -> bool:
        """Whether what the server says may be about one of the request's parameters."""
        others = (CONTENT_FILTER, CONTEXT, CREDIT, TOO_FEW_TOKENS)
        return self.status in _MAY_NAME_A_PARAMETER and self.reason not in others

    @property
    def is_wrong_address(self) -> bool:
        return self.reason is WRONG_ADDRESS or (self.status in (404, 405) and self.reason is None)

    @property
    def is_about_one_request(self) -> bool:
        return self.status in _ABOUT_ONE_REQUEST

    @property
    def is_about_all_requests(self) -> bool:
        """Whether it is about the model's name or the address, by its words or else by its status."""
        is_refused = self.status is not None and self.status < 500 and self.status not in MAY_PASS | _ABOUT_ONE_REQUEST
        return is_refused or self.reason is UNKNOWN_MODEL


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
