"""The endpoint test server seen from outside: its process, its address, and photos to send."""

import json
import subprocess
import sys
import urllib.request

from PIL import Image

from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.backends.endpoint.model import EndpointModel
from fashion_assets_tests.factories import RED

KEY = "sk-very-secret-0123456789"
CONCURRENCY = 4


class Server:
    """A running server process, seen from outside."""

    def __init__(self, process):
        self.port = int(process.stdout.readline())

    def plan(self, **plan) -> None:
        self._call("PUT", "/plan", plan)

    def stats(self) -> dict:
        return self._call("GET", "/stats")

    def endpoint(self, **changes) -> Endpoint:
        values = {"concurrency": CONCURRENCY, "timeout_seconds": 5, "tries": 3, "first_wait_seconds": 0.01, **changes}
        address = f"http://127.0.0.1:{self.port}{values.pop('path', '/v1')}"
        return Endpoint(address, "vlm", values.pop("key", KEY), **values)

    def model(self, **changes) -> EndpointModel:
        return EndpointModel(self.endpoint(**changes))

    def _call(self, method: str, path: str, content: dict | None = None) -> dict:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            return json.load(response)


def start(repository, mode: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "fashion_assets_tests.fakes.endpoint_server", mode]
    return subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def photos(model: EndpointModel, count: int, colour=RED) -> list[str]:
    """Different photos of about one colour."""
    tints = [tuple(part or 2 * index for part in colour) for index in range(count)]
    return [model.prepare(Image.new("RGB", (8, 8), tint)) for tint in tints]


def failures(answers) -> list[str | None]:
    return [answer.failure for answer in answers]
