"""A shop's photo server on loopback, whose faults stand in the address: `/KIND/NUMBER`, as in `/photo/12`.

Every number is a photo of its own, the same under every kind. The kinds are the methods of `_Handler` that begin with
`send_`; those that begin with `once_` fail only at the first request of an address.
"""

import gzip
import io
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

MODIFIED = "Mon, 05 Jan 2026 10:00:00 GMT"
REST_SECONDS = 0.05
"""That a busy server asks for."""


@lru_cache(maxsize=4096)
def photo(number: int, version: int = 0) -> bytes:
    """A small PNG, different for every number and version."""
    content = io.BytesIO()
    color = (number >> 8 & 255, number & 255, version)
    Image.new("RGB", (24, 24), color).save(content, "PNG")
    return content.getvalue()


@dataclass(frozen=True)
class Seen:
    """A request that the server got."""

    path: str
    headers: dict[str, str]

    @property
    def is_conditional(self) -> bool:
        return "If-None-Match" in self.headers or "If-Modified-Since" in self.headers


class PhotoServer(ThreadingHTTPServer):
    """`requests` are all that it got, `most_in_flight` how many at once; `version` is that of all its photos.

    `override` is a kind that all addresses have for a time, `target` where the kind `to_target` leads. From request
    number `hold_after` on it answers only when `go_on` is called.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int = 0, seconds: float = 0.0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.seconds = seconds
        self.version = 0
        self.override: str | None = None
        self.target = ""
        self.hold_after: int | None = None
        self._goes_on = threading.Event()
        self.requests: list[Seen] = []
        self.most_in_flight = 0
        self._in_flight = 0
        self._attempts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def address(self, kind: str, number: int = 0) -> str:
        return f"http://{self.host}/{kind}/{number}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def enter(self, path: str, headers: dict[str, str]) -> int:
        """Returns the number of earlier requests of this path."""
        with self._lock:
            self.requests.append(Seen(path, headers))
            self._attempts[path] += 1
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            return self._attempts[path] - 1

    def wait_while_held(self) -> None:
        if self.hold_after is not None and len(self.requests) > self.hold_after:
            self._goes_on.wait()

    def go_on(self) -> None:
        self.hold_after = None
        self._goes_on.set()
        self._goes_on = threading.Event()

    def leave(self) -> None:
        with self._lock:
            self._in_flight -= 1

    def handle_error(self, request, client_address):
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: PhotoServer

    def do_GET(self):
        self.attempt = self.server.enter(self.path, dict(self.headers.items()))
        try:
            time.sleep(self.server.seconds)
            self.server.wait_while_held()
            kind, number = self.path.partition("?")[0].strip("/").split("/")[:2]
            self.photo = photo(int(number), self.server.version)
            self.number = number
            kind = self.server.override or kind
            if kind.isdecimal():
                self.refuse(int(kind))
            elif kind.startswith("once_") and self.attempt:
                self.send_photo()
            else:
                getattr(self, kind if kind.startswith("once_") else f"send_{kind}")()
        finally:
            self.server.leave()

    # what a shop's server does

    def send_photo(self):
        etag = f'"{self.number}-{self.server.version}"'
        if self.headers.get("If-None-Match") == etag:
            self.reply(304, b"", {"ETag": etag})
        else:
            self.reply(200, self.photo, {"ETag": etag, "Last-Modified": MODIFIED})

    def send_modified(self):
        """Without an ETag."""
        if self.headers.get("If-Modified-Since") == MODIFIED:
            self.reply(304)
        else:
            self.reply(200, self.photo, {"Last-Modified": MODIFIED})

    def send_plain(self):
        """Without anything to make a condition of, and deaf to conditions."""
        self.reply(200, self.photo)

    def send_slow(self):
        self.head(200, {"Content-Length": str(len(self.photo)), "Last-Modified": MODIFIED})
        for start in range(0, len(self.photo), 20):
            self.wfile.write(self.photo[start : start + 20])
            time.sleep(0.02)

    def send_chunked(self):
        self.head(200, {"Transfer-Encoding": "chunked"})
        for start in range(0, len(self.photo), 20):
            self.write_chunk(self.photo[start : start + 20])
        self.wfile.write(b"0\r\n\r\n")

    def send_until_close(self):
        """Without a length, as HTTP/1.0 does."""
        self.head(200, {"Connection": "close"})
        self.wfile.write(self.photo)
        self.close_connection = True

    def send_gzip(self):
        self.reply(200, gzip.compress(self.photo), {"Content-Encoding": "gzip"})

    def send_redirect(self):
        self.redirect(f"/photo/{self.number}")

    def send_hops(self):
        """As many redirects as the number says."""
        if int(self.number):
            self.redirect(f"/hops/{int(self.number) - 1}")
        else:
            self.send_photo()

    def send_to_target(self):
        self.redirect(self.server.target)

    # what it should not do

    def send_loop(self):
        self.redirect(self.path)

    def send_to_private(self):
        self.redirect("http://10.0.0.1/photo.jpg")

    def send_to_metadata(self):
        self.redirect("http://169.254.169.254/latest/meta-data/")

    def send_to_file(self):
        self.redirect("file:///etc/passwd")

    def send_to_nowhere(self):
        self.reply(302)

    def send_to_nonsense(self):
        self.redirect("http://[oh/")

    def send_html(self):
        """An error page that calls itself a photo."""
        self.reply(200, b"<!doctype html><title>Sorry</title>" * 9, {"Content-Type": "image/jpeg"})

    def send_empty(self):
        self.reply(200)

    def send_nothing(self):
        self.reply(204)

    def send_drip(self):
        self.head(200, {"Content-Length": "1000000"})
        for byte in self.photo[:10] * 1000:
            self.wfile.write(bytes([byte]))
            time.sleep(0.02)

    def send_drip_of_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(1000):
            self.wfile.write(b"x")
            time.sleep(0.02)

    def send_endless(self):
        self.head(200, {"Transfer-Encoding": "chunked"})
        self.write_chunk(self.photo)
        while True:
            self.write_chunk(b"x" * 65_536)

    def send_too_long(self):
        self.head(200, {"Content-Length": str(10**12)})

    def send_bomb(self):
        """5 KB that become 5 MB."""
        self.reply(200, gzip.compress(self.photo + bytes(5_000_000)), {"Content-Encoding": "gzip"})

    def send_brotli(self):
        self.reply(200, b"\x8b\x02\x80photo\x03", {"Content-Encoding": "br"})

    def send_silence(self):
        select.select([self.connection], [], [], 60)  # until the client hangs up

    def send_reset(self):
        self.head(200, {"Content-Length": str(len(self.photo))})
        self.wfile.write(self.photo[:20])
        self.reset()

    def send_cut(self):
        """Half of it, and an orderly end."""
        self.head(200, {"Content-Length": str(len(self.photo))})
        self.wfile.write(self.photo[: len(self.photo) // 2])
        self.close_connection = True

    def send_cut_until_close(self):
        self.head(200, {"Connection": "close"})
        self.wfile.write(self.photo[: len(self.photo) // 2])
        self.close_connection = True

    def send_cut_gzip(self):
        self.reply(200, gzip.compress(self.photo)[:-12], {"Content-Encoding": "gzip"})

    def send_gibberish(self):
        self.wfile.write(b"220 this is a mail server\r\n")
        self.close_connection = True

    def send_length_of_thousands_of_digits(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n")
        self.close_connection = True

    def send_busy(self):
        self.refuse(429, {"Retry-After": str(REST_SECONDS)})

    def send_busy_for_long(self):
        self.refuse(503, {"Retry-After": "86400"})

    # what passes

    def once_error(self):
        self.refuse(500)

    def once_reset(self):
        self.send_reset()

    def once_cut(self):
        self.send_cut()

    def once_cut_until_close(self):
        self.send_cut_until_close()

    def once_busy(self):
        self.send_busy()

    def once_unavailable(self):
        self.refuse(503, {"Retry-After": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())})

    def once_silence(self):
        self.send_silence()

    # parts

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "image/png", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        length = {} if status in (204, 304) else {"Content-Length": str(len(body))}
        self.head(status, {**length, **(headers or {})})
        self.wfile.write(body)

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.reply(status, b"<h1>No</h1>", {"Content-Type": "text/html", **(headers or {})})

    def redirect(self, target: str) -> None:
        self.reply(302, b"moved", {"Location": target})

    def write_chunk(self, part: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def serving(server: PhotoServer) -> Iterator[PhotoServer]:
    """The server, answering in threads while the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
