"""An endpoint that means harm, or is broken beyond measure: no answer takes long, much memory, or a photo elsewhere."""

import json
import resource
import socket
import time
import zlib
from functools import cache
from itertools import chain

import pytest

from fashion_assets.errors import ModelError
from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.backends.endpoint.http_client import LARGEST_BODY
from fashion_assets.extraction.backends.endpoint.model import EndpointModel
from fashion_assets_tests.fakes.endpoint_client import photos
from fashion_assets_tests.fakes.hostile_server import HEAD, endlessly, serving_hostile, slowly

SECONDS = 1.0
ANSWER = '{"material": "denim", "pattern": "striped", "confidence": "high"}'


@pytest.fixture(autouse=True)
def no_proxy(server):
    """As the fixture `server` sets it."""


def model_at(server, **changes) -> EndpointModel:
    values = {"concurrency": 1, "timeout_seconds": SECONDS, "tries": 1, "first_wait_seconds": 0.01, **changes}
    return EndpointModel(Endpoint(f"{server.address}/v1", "vlm", "key", **values))


def with_length(body: bytes, *headers: bytes) -> bytes:
    return HEAD + b"".join(header + b"\r\n" for header in headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


@cache
def bomb(encoding: str, levels: int = 1) -> bytes:
    """100 kB that decompress to 100 MB, or less that does so in two steps."""
    content = bytes(10**8)
    for _ in range(levels):
        packer = zlib.compressobj(1, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
        content = packer.compress(content) + packer.flush()
    return content


def completion(text, usage) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": usage}).encode()


ENDLESS = {
    "an endless body": lambda: chain([HEAD + b"\r\n"], endlessly(b" " * 65_536)),
    "an endless body in chunks": lambda: chain(
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n"], endlessly(b"10000\r\n" + b"{" * 65_536 + b"\r\n")
    ),
    "an endless error": lambda: chain([b"HTTP/1.1 500 Broken\r\n\r\n"], endlessly(b"x" * 65_536)),
    "an endless stream": lambda: chain([HEAD + b"\r\n"], endlessly(b'data: {"choices": []}\n' * 1000)),
    "a gzip bomb": lambda: [with_length(bomb("gzip"), b"Content-Encoding: gzip")],
    "a deflate bomb": lambda: [with_length(bomb("deflate"), b"Content-Encoding: deflate")],
    "a bomb in a bomb": lambda: [with_length(bomb("gzip", 2), b"Content-Encoding: gzip, gzip")],
    "an error with a bomb": lambda: [with_length(bomb("gzip"), b"Content-Encoding: gzip").replace(b"200", b"500", 1)],
}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_answer_that_is_too_large_is_one_sentence_and_little_memory(material, what):
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with serving_hostile(ENDLESS[what]) as server:
        model = model_at(server, timeout_seconds=30, tries=3)
        with pytest.raises(ModelError, match=r"the answer has more than 4 MB") as refused:
            model.answer(photos(model, 8), material)
    assert "\n" not in str(refused.value)
    assert time.monotonic() - started < 60
    assert len(server.requests) == 8  # none is tried again
    assert server.sent_bytes < 8 * 10 * LARGEST_BODY
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KB


DRIPPING = {
    "the status line": lambda: slowly(HEAD * 100, 0.2),
    "a header": lambda: chain([HEAD + b"X-Long: "], endlessly(b"x", 0.2)),
    "many headers": lambda: chain([HEAD], endlessly(b"X-More: 1\r\n", 0.2)),
    "informational answers": lambda: endlessly(b"HTTP/1.1 100 Continue\r\n\r\n", 0.2),
    "the body": lambda: chain([HEAD + b"Content-Length: 100000\r\n\r\n"], endlessly(b" ", 0.2)),
    "chunks": lambda: chain([HEAD + b"Transfer-Encoding: chunked\r\n\r\n"], endlessly(b"1\r\n \r\n", 0.2)),
    "trailers": lambda: chain([HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"], endlessly(b"X-More: 1\r\n", 0.2)),
    "an error's body": lambda: chain([b"HTTP/1.1 404 Gone\r\n\r\n"], endlessly(b"x", 0.2)),
    "nothing": lambda: slowly(b"x", 60),
}


@pytest.mark.parametrize("what", DRIPPING)
def test_an_answer_that_drips_in_is_a_timeout(material, what):
    started = time.monotonic()
    with serving_hostile(DRIPPING[what]) as server:
        model = model_at(server)
        (answer,) = model.answer(photos(model, 1), material)
    assert answer.failure == "timeout"
    assert time.monotonic() - started < 4 * SECONDS


def test_a_server_that_takes_the_photo_in_sips_is_a_timeout(material):
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        model = EndpointModel(
            Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", "vlm", None, timeout_seconds=SECONDS, tries=1)
        )
        started = time.monotonic()
        (answer,) = model.answer(["data:image/jpeg;base64," + "A" * 20_000_000], material)
    assert answer.failure == "timeout"
    assert time.monotonic() - started < 4 * SECONDS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("scheme", ["http", "file", "//", "nowhere"])
def test_a_photo_is_never_sent_on(material, status, scheme):
    with serving_hostile(lambda: [with_length(completion(ANSWER, {}))]) as elsewhere:
        place = {"http": elsewhere.address, "file": "file:///etc/passwd", "//": "//[", "nowhere": "\x1b[2J"}[scheme]
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
        with serving_hostile(lambda: [head]) as server:
            model = model_at(server)
            with pytest.raises(ModelError, match=r"was redirected to .*FASHION_ENDPOINT|[Ii]llegal header") as refused:
                model.answer(photos(model, 4), material)
    assert elsewhere.requests == []
    assert str(refused.value).isprintable()


USAGES = {
    "very large": {"prompt_tokens": 10**30, "completion_tokens": 10**18},
    "infinite": {"prompt_tokens": float("inf"), "completion_tokens": float("nan")},
    "negative": {"prompt_tokens": -5, "completion_tokens": -(10**30)},
    "of other types": {"prompt_tokens": "12", "completion_tokens": [1]},
    "a list": [1, 2],
}


@pytest.mark.parametrize("what", USAGES)
def test_counts_that_cannot_be_are_none(material, what):
    with serving_hostile(lambda: [with_length(completion(ANSWER, USAGES[what]))]) as server:
        model = model_at(server)
        (answer,) = model.answer(photos(model, 1), material)
    assert (answer.text, answer.prompt_tokens, answer.answer_tokens) == (ANSWER, 0, 0)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BODIES = {
    "deep lists": nested(100_000),
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "deep lists of a choice": f'{{"choices": [{{"message": {nested(900)}}}]}}',
    "a deep error": f'{{"error": {nested(900)}}}',
    "a deep error in a choice": f'{{"choices": [{{"error": {{"message": {nested(900)}}}}}]}}',
    "a number of many digits": f'{{"usage": {"9" * 10_000}}}',
    "null bytes": "\0" * 1000,
    "a terminal's commands": '{"error": {"message": "\\u001b[2J\\u202egone"}}',
    "many codes": json.dumps({"error": {"details": [{"code": "model " * 1000}] * 500}}),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_answer_is_one_sentence(material, what):
    started = time.monotonic()
    with serving_hostile(lambda: [with_length(BODIES[what].encode())]) as server:
        model = model_at(server, timeout_seconds=10)
        with pytest.raises(ModelError) as refused:
            model.answer(photos(model, 8), material)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000
    assert time.monotonic() - started < 10


def test_a_deep_answer_is_left_to_the_parser(material):
    body = f'{{"choices": [{{"message": {{"content": [{{"a": {nested(800)}}}]}}}}]}}'
    with serving_hostile(lambda: [with_length(body.encode())]) as server:
        model = model_at(server)
        (answer,) = model.answer(photos(model, 1), material)
    assert answer.failure in (None, "endpoint_error")


TEXTS = {
    "an endless list": '"material":[' * 100_000,
    "braces": "{" * 1_000_000,
    "pairs of braces": "{}" * 500_000,
    "deep objects": '{"material":' * 50_000,
    "quotes": '"' * 500_000,
    "backslashes": '{"material": "' + "\\" * 500_000,
    "thoughts": "<think>" * 100_000,
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_that_is_no_answer_is_read_in_no_time(material, what):
    text = TEXTS[what]
    tokens = {"content": [{"token": text, "logprob": -0.1}]}
    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop", "logprobs": tokens}]}
    started = time.process_time()
    with serving_hostile(lambda: [with_length(json.dumps(body).encode())]) as server:
        model = model_at(server, timeout_seconds=30)
        (answer,) = model.answer(photos(model, 1), material)
    assert answer.failure is None
    assert answer.probabilities == {}
    assert time.process_time() - started < 5
