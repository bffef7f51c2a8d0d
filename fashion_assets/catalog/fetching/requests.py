"""Asking for one photo, once: redirects, conditions, and what each answer means.

When a photo is asked for again is decided in `schedule.py`.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from math import inf
from pathlib import Path
from urllib.parse import urljoin

import httpcore

from fashion_assets.catalog.fetching.addresses import Address, read_address
from fashion_assets.catalog.fetching.connections import Connections
from fashion_assets.catalog.fetching.content import photo_parts, too_large
from fashion_assets.catalog.fetching.files import ContentFiles
from fashion_assets.catalog.fetching.hosts import PRIVATE_NETWORK
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import (
    Failure,
    FetchFailed,
    Kind,
    Outcome,
    Photo,
    Task,
    Unchanged,
    Validators,
)
from fashion_assets.catalog.fetching.private_hosts import refusal
from fashion_assets.errors import PhotoProblem
from fashion_assets.models.photos import open_photo

MOST_REDIRECTS = 5

_REDIRECTS = {301, 302, 303, 307, 308}
_MAY_PASS = {408, 425}
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_LONGEST_DRAINED_BYTES = 16_384
"""Of an answer that is of no use: read to its end, if it is short, so that the connection can be used again."""


class PhotoRequests:
    """Asks for photos and writes them into `files`; used by several threads."""

    def __init__(self, connections: Connections, files: ContentFiles, limits: FetchLimits):
        self._connections = connections
        self._files = files
        self._limits = limits

    def send(self, task: Task) -> Outcome:
        """What comes of one try; raises StorageError if the photo cannot be written."""
        with self._connections.within_time():
            try:
                return self._send(task)
            except FetchFailed as error:
                return error.failure
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
                return self._failure(error)

    def _send(self, task: Task) -> Outcome:
        address = _usable(read_address(task.address))
        for redirects in range(MOST_REDIRECTS + 1):
            condition, is_named = _condition(task, address), redirects == 0
            with (
                _saying_how_to_allow(address.host if is_named else None),
                self._connections.get(address, _request_headers() | condition) as response,
            ):
                if response.status not in _REDIRECTS:
                    return self._outcome(address, response, bool(condition))
                address = _redirected(address, response)
                _drain(response)
        raise FetchFailed(Kind.LASTS, f"more than {MOST_REDIRECTS} redirects")

    def _outcome(self, address: Address, response: httpcore.Response, is_conditional: bool) -> Outcome:
        headers = _read_headers(response)
        if response.status == HTTPStatus.NOT_MODIFIED and is_conditional:
            return Unchanged(Validators(headers.get("etag"), headers.get("last-modified"), address.text))
        if response.status != HTTPStatus.OK:
            _drain(response)
            raise _refusal(response.status, headers)
        if inf > _length(headers) > self._limits.largest_bytes:
            raise too_large(self._limits.largest_bytes)
        parts = photo_parts(
            response.iter_stream(),
            headers.get("content-encoding", "").lower(),
            self._limits.largest_bytes,
            _type(headers),
        )
        has_end = "content-length" in headers or "transfer-encoding" in headers
        sha256, size = self._files.write(parts, None if has_end else _decode_to_the_end)
        return Photo(sha256, size, _validators(address, headers))

    def _failure(self, error: Exception) -> Failure:
        """Of an error of httpcore, whose only argument is its cause, if there is one."""
        cause = error.args[0] if error.args else None
        if isinstance(error, httpcore.ConnectTimeout):
            return Failure(Kind.PASSES, f"no connection within {self._limits.connect_seconds:g} s")
        if isinstance(error, httpcore.TimeoutException):
            return Failure(Kind.PASSES, f"silent for {self._limits.silent_seconds:g} s")
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failure(Kind.LATER, f"the host's certificate is not valid: {cause.verify_message}")
        if isinstance(cause, ssl.SSLError):
            return Failure(Kind.LATER, "no encrypted connection")
        if isinstance(error, httpcore.ConnectError):
            reason = getattr(cause, "strerror", None)
            return Failure(Kind.PASSES, f"no connection ({reason})" if reason else "no connection")
        return Failure(Kind.PASSES, "the connection broke")


@contextmanager
def _saying_how_to_allow(host: str | None) -> Iterator[None]:
    """A private network that the table itself names may be the shop's own; one that a redirect leads to may not."""
    try:
        yield
    except FetchFailed as error:
        if host is None or error.failure.problem != PRIVATE_NETWORK:
            raise
        raise FetchFailed(error.failure.kind, refusal(host)) from None


@cache
def _request_headers() -> dict[str, str]:
    return {
        "User-Agent": f"fashion-assets/{version('fashion-assets')}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }


def _condition(task: Task, address: Address) -> dict[str, str]:
    """Only for the address that gave the validators: another one's may be equal by chance."""
    validators = task.validators
    if task.sha256 is None or validators.answered_by != address.text:
        return {}
    values = {"If-None-Match": validators.etag, "If-Modified-Since": validators.modified}
    return {name: value for name, value in values.items() if value}


def _validators(address: Address, headers: Mapping[str, str]) -> Validators:
    """With neither ETag nor Last-Modified, the time of the answer, as RFC 9110, section 13.1.3, allows."""
    etag, modified = headers.get("etag"), headers.get("last-modified")
    if not etag and not modified:
        modified = headers.get("date") or format_datetime(datetime.now(UTC), usegmt=True)
    return Validators(etag, modified, address.text)


def _usable(address: Address, before: str = "") -> Address:
    if address.problem:
        raise FetchFailed(Kind.LASTS, before + address.problem)
    return address


def _redirected(address: Address, response: httpcore.Response) -> Address:
    location = _read_headers(response).get("location")
    if not location:
        raise FetchFailed(Kind.LASTS, "a redirect to nowhere")
    try:
        target = urljoin(address.text, location)
    except ValueError:
        target = location
    return _usable(read_address(target), "redirected: ")


def _read_headers(response: httpcore.Response) -> Mapping[str, str]:
    """By lower-case name, the first of each; addresses may be in UTF-8, which no other header is."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        key = name.decode("latin-1").lower()
        is_text = key == "location" and _is_utf8(value)
        headers.setdefault(key, value.decode("utf-8" if is_text else "latin-1").strip())
    return headers


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _type(headers: Mapping[str, str]) -> str | None:
    declared = headers.get("content-type", "").partition(";")[0].strip().lower()
    return declared if re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,40}", declared) else None


def _refusal(status: int, headers: Mapping[str, str]) -> FetchFailed:
    problem = f"{status} {_PHRASES.get(status, '')}".strip()
    wait_seconds = _wait_seconds(headers.get("retry-after", ""))
    if status == 429 or (status == 503 and wait_seconds is not None):
        return FetchFailed(Kind.BUSY, problem, wait_seconds)
    if status >= 500 or status in _MAY_PASS:
        return FetchFailed(Kind.PASSES, problem)
    kinds = {404: Kind.MISSING, 410: Kind.WITHDRAWN}
    return FetchFailed(kinds.get(status, Kind.LASTS), problem)


def _wait_seconds(retry_after: str) -> float | None:
    """Seconds, or until a date; None if it is neither."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", retry_after):
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _drain(response: httpcore.Response) -> None:
    if _length(_read_headers(response)) <= _LONGEST_DRAINED_BYTES:
        response.read()


def _length(headers: Mapping[str, str]) -> float:
    """Of the body, as far as the host says it, else infinite."""
    return int(headers.get("content-length", "")) if "content-length" in headers else inf


def _decode_to_the_end(path: Path) -> None:
    """Of a body without a length, only the photo itself says whether it is whole."""
    try:
        open_photo(path)
    except PhotoProblem:
        raise FetchFailed(Kind.PASSES, "the answer was cut short") from None
