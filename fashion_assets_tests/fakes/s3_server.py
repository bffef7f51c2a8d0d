"""A local S3-compatible server in a process of its own: moto's, which serves one request at a time.

That makes its conditional writes atomic. In the bucket `careless` it ignores their condition, as some stores do.
"""

import logging
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

BUCKETS = ("shop", "careless")


@dataclass(frozen=True)
class S3Server:
    url: str

    def lead_to(self, patch: pytest.MonkeyPatch) -> None:
        """Have the environment name this server and credentials that it takes."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ENDPOINT_URL", self.url)
        patch.setenv("AWS_ALLOW_HTTP", "true")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    @contextmanager
    def refusing_unknown_keys(self) -> Iterator[None]:
        """Meanwhile, only credentials that were made on the server are taken, which are none."""
        self._send("POST", "/moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self._send("POST", "/moto-api/reset-auth", b"inf")

    def _send(self, method: str, path: str, body: bytes = b"") -> None:
        headers = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        urllib.request.urlopen(request, timeout=30).close()


@contextmanager
def serving() -> Iterator[S3Server]:
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE)
    try:
        server = S3Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        for bucket in BUCKETS:
            server._send("PUT", f"/{bucket}")
        yield server
    finally:
        process.kill()
        process.wait()


def main() -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    s3 = DomainDispatcherApplication(create_backend_app)

    def application(environ, start_response):
        if environ["PATH_INFO"].startswith("/careless/"):
            environ.pop("HTTP_IF_NONE_MATCH", None)
        return s3(environ, start_response)

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request
    server = make_server("127.0.0.1", 0, application, threaded=False)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
