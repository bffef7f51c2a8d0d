"""A server on loopback that answers a request with whatever bytes a test gives, at whatever pace.

It runs in threads of the test's own process; what it sends is made as it is sent, so that it takes no memory.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

Answer = Callable[[], Iterable[bytes]]
"""Makes the bytes of an answer, its status line and headers included."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


class HostileServer:
    """Answers every request with `answer`; `requests` are what it was sent, headers and body."""

    def __init__(self, answer: Answer):
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.sent_bytes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.requests.append(_read_request(connection))
                for part in self._answer():
                    connection.sendall(part)
                    self.sent_bytes += len(part)
            except OSError:  # the client has hung up
                return


@contextmanager
def serving_hostile(answer: Answer) -> Iterator[HostileServer]:
    server = HostileServer(answer)
    try:
        yield server
    finally:
        server.close()


def slowly(parts: bytes, seconds: float) -> Iterator[bytes]:
    """One byte after the other, each after a pause."""
    for byte in parts:
        time.sleep(seconds)
        yield bytes([byte])


def endlessly(part: bytes, seconds: float = 0.0) -> Iterator[bytes]:
    while True:
        time.sleep(seconds)
        yield part


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < sum(lengths) and (part := connection.recv(65_536)):
        body += part
    return head + body
