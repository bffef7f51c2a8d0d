"""The HTTP client below `openai`: a request has a deadline as a whole, an answer a largest size, and neither is
redirected.

The client's own timeouts hold for one read, so that an answer of one byte now and then never ends; it keeps whatever
comes, also what a small body decompresses to; and it would send the photo on to wherever a server points.
"""

import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import httpcore2
import httpx2

LARGEST_BODY = 4_000_000
"""Bytes of an answer, before and after decompression: 40,000 tokens with their log-probabilities have about 3 MB."""

_WRITTEN_AT_ONCE = 65_536
"""Bytes; before each such part, the time left is looked at."""


class AnswerTooLarge(Exception):
    """Control flow that never leaves this package: more than LARGEST_BODY bytes came."""


class Deadline(threading.local):
    """When the present request of each thread must be over."""

    ends_at: float = inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What this thread sends and reads in the block must be done in so many seconds."""
        self.ends_at = time.monotonic() + seconds
        try:
            yield
        finally:
            self.ends_at = inf

    def seconds_left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """The shorter of the two times; raises `error` when none is left."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise error("the time for the whole request is over")
        shortest = min(left, inf if timeout is None else timeout)
        return None if shortest == inf else shortest


class BoundedClient(httpx2.Client):
    """A client for the proxies and certificates of the environment, whose requests end at the `deadline`."""

    def __init__(self, deadline: Deadline, limits: httpx2.Limits):
        self._deadline = deadline
        super().__init__(limits=limits, follow_redirects=False)

    def _init_transport(self, *arguments: Any, **named: Any) -> httpx2.BaseTransport:
        return self._bounded(super()._init_transport(*arguments, **named))

    def _init_proxy_transport(self, *arguments: Any, **named: Any) -> httpx2.BaseTransport:
        return self._bounded(super()._init_proxy_transport(*arguments, **named))

    def _bounded(self, transport: httpx2.BaseTransport) -> httpx2.BaseTransport:
        bounded = _BoundedTransport(transport, self._deadline)
        weakref.finalize(self, bounded.close)  # also at the end of the process, while what it needs is still there
        return bounded


class _BoundedTransport(httpx2.BaseTransport):
    def __init__(self, transport: Any, deadline: Deadline):
        self._transport = transport
        pool = transport._pool  # httpx2 has no argument for the pool's backend
        pool._network_backend = _TimedBackend(pool._network_backend, deadline)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer with its whole body; raises AnswerTooLarge, and httpx2's errors."""
        response = self._transport.handle_request(request)
        try:
            content = b"".join(_within_size(response))
        finally:
            response.close()
        of_body = ("content-encoding", "content-length", "transfer-encoding")
        headers = [pair for pair in response.headers.multi_items() if pair[0].lower() not in of_body]
        return httpx2.Response(response.status_code, headers=headers, content=content, extensions=response.extensions)

    def close(self) -> None:
        self._transport.close()


def _within_size(response: httpx2.Response) -> Iterator[bytes]:
    """The decompressed parts of the body, of at most 1 MB each; what comes compressed is not larger than its limit."""
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if max(size, response.num_bytes_downloaded) > LARGEST_BODY:
            raise AnswerTooLarge(f"the answer has more than {LARGEST_BODY / 1e6:g} MB")
        yield part


class _TimedBackend(httpcore2.NetworkBackend):
    def __init__(self, backend: httpcore2.NetworkBackend, deadline: Deadline):
        self._backend = backend
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._deadline.seconds_left(timeout, httpcore2.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _TimedStream(stream, self._deadline)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _TimedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline):
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.seconds_left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITTEN_AT_ONCE):
            left = self._deadline.seconds_left(timeout, httpcore2.WriteTimeout)
            self._stream.write(buffer[start : start + _WRITTEN_AT_ONCE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None):
        left = self._deadline.seconds_left(timeout, httpcore2.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
