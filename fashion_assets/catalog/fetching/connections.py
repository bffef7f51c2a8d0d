"""Connections that lead where the rules allow, and end when their time is over.

The IP addresses are checked where the connection is made, so that a name cannot mean another address by then; the name
remains what the certificate is checked against. Proxies of the environment are not used: they would resolve the names.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import inf

import httpcore

from fashion_assets.catalog.fetching.addresses import Address
from fashion_assets.catalog.fetching.hosts import Hosts
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import FetchFailed, Kind

_MOST_ADDRESSES = 3
"""Of one host that are tried, within the time for one connection."""
_SLICE_SECONDS = 0.5
"""Of waiting for a byte, after which an interruption is noticed."""
_KEEP_SECONDS = 15
"""An idle connection is used again for so long; servers close theirs after 5 to 75 s."""


class Clock(threading.local):
    """When the present photo of each thread must be complete, and, for all threads, whether to stop."""

    ends_at: float = inf

    def __init__(self, seconds_per_photo: float, stopped: threading.Event):
        self.seconds_per_photo = seconds_per_photo
        self._stopped = stopped

    def seconds_left(self) -> float:
        """Some; raises FetchFailed when there are none left."""
        if self._stopped.is_set():
            raise FetchFailed(Kind.LATER, "interrupted")
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise FetchFailed(Kind.LATER, f"not complete within {self.seconds_per_photo:g} s")
        return seconds


class Connections:
    """A pool of connections for as many threads as there are requests `at_once`."""

    def __init__(self, limits: FetchLimits, hosts: Hosts, stopped: threading.Event):
        self._clock = Clock(limits.seconds_per_photo, stopped)
        self._limits = limits
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpcore.default_ssl_context(),
            max_connections=limits.at_once,
            keepalive_expiry=_KEEP_SECONDS,
            network_backend=_CheckedBackend(hosts, self._clock),
        )

    @contextmanager
    def within_time(self) -> Iterator[None]:
        """What this thread reads in the block must be there within the time for one photo."""
        self._clock.ends_at = time.monotonic() + self._clock.seconds_per_photo
        try:
            yield
        finally:
            self._clock.ends_at = inf

    @contextmanager
    def get(self, address: Address, headers: Mapping[str, str]) -> Iterator[httpcore.Response]:
        """The host's answer, whose body is still to be read; raises FetchFailed and httpcore's errors."""
        seconds = {"connect": self._limits.connect_seconds, "read": self._limits.silent_seconds}
        all_headers = {"Host": address.host, **headers}
        pairs = [(name.encode("ascii"), value.encode("latin-1")) for name, value in all_headers.items()]
        extensions = {"timeout": seconds | {"write": self._limits.silent_seconds}}
        with self._pool.stream("GET", address.text, headers=pairs, extensions=extensions) as response:
            yield response

    def close(self) -> None:
        self._pool.close()


class _CheckedBackend(httpcore.NetworkBackend):
    def __init__(self, hosts: Hosts, clock: Clock):
        self._hosts = hosts
        self._clock = clock
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._hosts.checked_addresses(host, port)[:_MOST_ADDRESSES]
        each = min(inf if timeout is None else timeout, self._clock.seconds_left()) / max(len(addresses), 1)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(address, port, each, local_address, socket_options)
                return _TimedStream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """Waits for bytes until `timeout`, the end of the photo's time, or an interruption, whichever is first."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock):
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        silent_until = inf if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return self._stream.read(max_bytes, min(self._clock.seconds_left(), _SLICE_SECONDS))
            except httpcore.ReadTimeout:
                if time.monotonic() >= silent_until:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._clock)

    def get_extra_info(self, info: str):
        return self._stream.get_extra_info(info)
