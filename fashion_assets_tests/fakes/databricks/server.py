"""A double of a Databricks workspace on loopback: sign-in by OAuth, and whatever services are mounted on it.

It speaks the REST calls that the real SDK was seen to make, and nothing beyond. A service is a list of `Route`s; faults
are sent by hand before the service is asked, so that which request gets which one never depends on timing.
"""

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "dose-not-to-be-logged"


class Refusal(Exception):
    """An answer that is an error, as Databricks words it."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Fault:
    """The next `times` requests that match get this error; those after are served. `is_done_first` serves them before
    the error is sent, as when the answer is lost."""

    method: str
    path: str
    status: int
    code: str
    times: int = 1
    is_done_first: bool = False


@dataclass(frozen=True)
class Route:
    """`answer` gets the path's groups and the body, and returns the answer or raises Refusal.

    Bodies and answers are JSON objects, or bytes where files are sent; a request without a body brings its query.
    """

    method: str
    path: str
    answer: Callable[..., dict | bytes]


class Workspace(ThreadingHTTPServer):
    """Serves in a thread of its own while it is entered."""

    daemon_threads = True

    def __init__(self, *services: Sequence[Route]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes = [route for routes in services for route in routes]
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, dict]] = []
        self.tokens: set[str] = set()
        self.accepts_secret = True
        self.lock = threading.Lock()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def environment(self) -> dict[str, str]:
        """What the SDK reads to sign in here."""
        return {
            "DATABRICKS_HOST": self.host,
            "DATABRICKS_CLIENT_ID": CLIENT_ID,
            "DATABRICKS_CLIENT_SECRET": CLIENT_SECRET,
        }

    def revoke_tokens(self) -> None:
        self.tokens.clear()

    def asked(self, method: str, path: str) -> list[dict]:
        """The bodies of the requests whose path matches."""
        return [body for m, p, body in self.requests if m == method and re.fullmatch(path, p)]

    def __enter__(self) -> "Workspace":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, method: str, path: str, body: dict | bytes) -> dict | bytes:
        self.requests.append((method, path, body))
        fault = next((f for f in self.faults if f.times and f.method == method and re.fullmatch(f.path, path)), None)
        if fault is not None:
            fault.times -= 1
            if fault.is_done_first:
                self._served(method, path, body)
            raise Refusal(fault.status, fault.code, f"The test sends {fault.code}")
        return self._served(method, path, body)

    def _served(self, method: str, path: str, body: dict | bytes) -> dict | bytes:
        for route in self.routes:
            found = re.fullmatch(route.path, path)
            if found and route.method == method:
                return route.answer(*found.groups(), body)
        raise Refusal(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Workspace

    def do_GET(self):
        if self.path == "/oidc/.well-known/oauth-authorization-server":
            oidc = f"{self.server.host}/oidc/v1"
            self._reply(200, {"authorization_endpoint": f"{oidc}/authorize", "token_endpoint": f"{oidc}/token"})
        else:
            self._serve("GET")

    def do_POST(self):
        if self.path == "/oidc/v1/token":
            self._sign_in(dict(parse_qsl(self._content().decode())))
        else:
            self._serve("POST")

    def do_PUT(self):
        self._serve("PUT")

    def do_HEAD(self):
        self._serve("HEAD")

    def do_DELETE(self):
        self._serve("DELETE")

    def _content(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _sign_in(self, form: dict) -> None:
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        is_known = self.headers.get("Authorization") == f"Basic {known}"
        if (
            not is_known
            or not self.server.accepts_secret
            or form != {"grant_type": "client_credentials", "scope": "all-apis"}
        ):
            self._reply(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
            return
        token = secrets.token_hex()
        self.server.tokens.add(token)
        self._reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _serve(self, method: str) -> None:
        content, url = self._content(), urlsplit(self.path)
        is_file = "octet-stream" in self.headers.get("Content-Type", "")
        body = content if is_file else json.loads(content) if content else dict(parse_qsl(url.query))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            if token not in self.server.tokens:
                raise Refusal(401, "UNAUTHENTICATED", "The access token was revoked")
            with self.server.lock:
                answer = self.server.answer(method, unquote(url.path), body)
        except Refusal as error:
            self._reply(error.status, {"error_code": error.code, "message": error.message})
        else:
            self._reply(200, answer)

    def _reply(self, status: int, content: dict | bytes) -> None:
        data, kind = (content, "octet-stream") if isinstance(content, bytes) else (json.dumps(content).encode(), "json")
        self.send_response(status)
        self.send_header("Content-Type", f"application/{kind}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *args):
        pass
