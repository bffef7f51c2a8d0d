"""An OpenAI-compatible server for tests: a process of its own on loopback, with faults on demand.

    python -m fashion_assets_tests.fakes.endpoint_server canned|demo

It prints its port. `canned` answers from the photo's colour (FakeVisionLanguageModel), `demo` with the shipped demo
model; either finds the question by the JSON schema asked for. PUT /plan sets a `Plan` and forgets all statistics,
GET /stats gives them. Which request gets which fault depends on photo, question and attempt alone, never on timing.
"""

import base64
import hashlib
import io
import json
import select
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.questions import default_prompts_folder, load_questions

TRANSIENT = ("rate_limit", "server_error", "slow", "cut", "broken_json", "no_choices")
TOKEN_LENGTH = 4
TOKEN_LOGPROB = -0.1


@dataclass
class Plan:
    """What the server does: `faults` maps a fault (TRANSIENT, `garbage`, `no_content`, `cut_off`, `refusal`,
    `filtered`, `provider_error`, or an HTTP status as text) to its share of requests; `blue` is the fault of blue
    photos; requests that name a parameter in `refuses` get a 400, those with one in `refuses_as` its status and body;
    the first requests get the `scripted` responses, each a status, a body and perhaps headers; after `down_after`
    requests everything is a 500; `key` is the only one accepted, `serves` the only path; with fewer tokens than
    `needs_tokens` answers are cut off, and more than `most_tokens` are refused; with `hangs_up`, a connection is closed
    after its reply without a word."""

    faults: dict[str, float] = field(default_factory=dict)
    blue: str | None = None
    refuses: list[str] = field(default_factory=list)
    refuses_as: dict[str, list] = field(default_factory=dict)
    scripted: list[list] = field(default_factory=list)
    serves: str | None = None
    needs_tokens: int = 0
    most_tokens: int = 10**9
    hangs_up: bool = False
    down_after: int | None = None
    key: str | None = None
    retry_after: str = "0.05"
    seed: int = 1
    seconds: float = 0.0
    slow_seconds: float = 30.0

    def fault(self, asked: str, attempt: int) -> str | None:
        """The fault of the `attempt`-th request (from 0) of what is asked."""
        digest = hashlib.sha256(f"{self.seed} {asked} {attempt}".encode()).digest()
        left = int.from_bytes(digest[:8]) / 2**64
        for fault, share in self.faults.items():
            left -= share
            if left < 0:
                return fault
        return None


class State:
    """The plan and what was seen since it was set."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.lock = threading.Lock()
        self.attempts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.in_flight: set[socket.socket] = set()
        self.most_in_flight = 0
        self.times: list[float] = []
        self.last: dict = {}

    def enter(self, connection: socket.socket) -> int:
        with self.lock:
            # A client that stopped waiting has closed its connection: that request is not in flight any more.
            self.in_flight = {other for other in self.in_flight if not has_hung_up(other)} | {connection}
            self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
            self.times.append(time.monotonic())
            return len(self.times)

    def leave(self, connection: socket.socket) -> None:
        with self.lock:
            self.in_flight.discard(connection)

    def attempt(self, asked: str) -> int:
        with self.lock:
            self.attempts[asked] += 1
            return self.attempts[asked] - 1

    def stats(self) -> dict:
        with self.lock:
            return {
                "requests": len(self.times),
                "most_in_flight": self.most_in_flight,
                "times": self.times,
                "asked": len(self.attempts),
                "faults": self.faults,
                "last": self.last,
            }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "EndpointServer"

    def do_PUT(self):
        self.server.state = State(Plan(**json.loads(self.body())))
        self.reply(200, asdict(self.server.state.plan))

    def do_GET(self):
        self.reply(200, self.server.state.stats())

    def do_POST(self):
        body, state = self.body(), self.server.state
        number = state.enter(self.connection)
        try:
            send = self.chat(json.loads(body), state, number)
        finally:
            state.leave(self.connection)  # before the reply, which lets the client send its next request
        send()
        if state.plan.hangs_up:
            self.hang_up()

    def chat(self, request: dict, state: State, number: int):
        """What to do when the request is over."""
        plan = state.plan
        image, text = request["messages"][0]["content"]
        photo = image["image_url"]["url"]
        parameters = {key: value for key, value in request.items() if key != "messages"}
        state.last = {"path": self.path, "text": text["text"], **parameters}
        state.last["headers"] = {name.lower(): value for name, value in self.headers.items()}
        time.sleep(plan.seconds)
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if plan.key is not None and given != plan.key:
            return lambda: self.refuse(401, f"Incorrect API key provided: {given}")
        if plan.serves is not None and self.path != plan.serves:
            return lambda: self.refuse(404, f"not found: {self.path}")
        if number <= len(plan.scripted):
            return lambda: self.reply(*plan.scripted[number - 1])
        for name, (status, content) in plan.refuses_as.items():
            if name in request:
                return lambda: self.reply(status, content)
        if request.get("max_tokens", 0) > plan.most_tokens:
            return lambda: self.refuse(400, f"max_tokens is too large: at most {plan.most_tokens}")
        for name in plan.refuses:
            if name in request or name in json.dumps(request.get("response_format")):
                return lambda: self.refuse(400, f"Unknown parameter: {name}")
        asked = hashlib.sha256((photo + text["text"]).encode()).hexdigest()
        fault = plan.fault(asked, state.attempt(asked))
        picture = Image.open(io.BytesIO(base64.b64decode(photo.partition(",")[2]))).convert("RGB")
        red, green, blue = picture.resize((1, 1)).getpixel((0, 0))
        if plan.blue and blue > max(red, green):
            fault = plan.blue
        if plan.down_after is not None and number > plan.down_after:
            fault = "server_error"
        if fault is None and request.get("max_tokens", plan.needs_tokens) < plan.needs_tokens:
            fault = "cut_off"
        if fault is None:
            completion = self.server.complete(request, picture)
            return lambda: self.reply(200, completion)
        with state.lock:
            state.faults[fault] += 1
        return self.faulty(fault, plan)

    def faulty(self, fault: str, plan: Plan):
        if fault == "slow":
            select.select([self.connection], [], [], plan.slow_seconds)  # until the client hangs up, usually
            return self.hang_up
        if fault == "cut":
            return lambda: (self.reply(200, {"choices": [None]}, missing=1000), self.hang_up())
        if fault == "rate_limit":
            return lambda: self.refuse(429, "Too many requests", {"Retry-After": plan.retry_after})
        if fault == "server_error":
            return lambda: self.refuse(500, "Out of order")
        if fault.isdigit():
            return lambda: self.refuse(int(fault), f"Status {fault}")
        answers = {
            "broken_json": '{"choices": [{"mess',
            "no_choices": {"error": {"message": "upstream"}},
            "garbage": completion("I like this shirt."),
            "no_content": completion(None),
            "provider_error": {
                "choices": [{"finish_reason": "error", "message": {"content": ""}, "error": {"code": 502}}]
            },
            "refusal": completion("", refusal="I cannot help with that."),
            "filtered": completion('{"mat', ending="content_filter"),
            "cut_off": completion('{"material": "denim", "pattern": "striped", "conf', ending="length"),
        }
        return lambda: self.reply(200, answers[fault])

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def refuse(self, status: int, message: str, headers: dict | None = None):
        self.reply(status, {"error": {"message": message, "type": "invalid_request_error"}}, headers)

    def reply(self, status: int, content: dict | str, headers: dict | None = None, missing: int = 0):
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data) + missing))
        self.end_headers()
        self.wfile.write(data)

    def hang_up(self):
        self.close_connection = True

    def log_message(self, *args):
        pass


class EndpointServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, model):
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = State(Plan())
        self.model, self.one_at_a_time = model, threading.Lock()
        self.questions = load_questions(default_prompts_folder())

    def complete(self, request: dict, photo: Image.Image) -> dict:
        text = request["messages"][0]["content"][1]["text"]
        schema = request.get("response_format", {}).get("json_schema", {}).get("schema")
        question = next(q for q in self.questions if (q.schema == schema if schema else q.text == text))
        with self.one_at_a_time:
            (answer,) = self.model.answer([self.model.prepare(photo)], question)
        return completion(
            answer.text, bool(request.get("logprobs")), tokens=(answer.prompt_tokens, answer.answer_tokens)
        )

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def completion(
    text: str | None, with_logprobs: bool = False, refusal: str | None = None, ending="stop", tokens: tuple = (10, 5)
) -> dict:
    choice: dict = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": refusal},
        "finish_reason": ending,
    }
    if with_logprobs:
        pieces = [text[i : i + TOKEN_LENGTH] for i in range(0, len(text), TOKEN_LENGTH)]
        choice["logprobs"] = {"content": [{"token": piece, "logprob": TOKEN_LOGPROB} for piece in pieces]}
    return {
        "id": "1",
        "object": "chat.completion",
        "choices": [choice],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]},
    }


def has_hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def main() -> None:
    if sys.argv[1] == "demo":
        from fashion_assets.demo.models import vlm_folder
        from fashion_assets.extraction.backends.transformers.model import TransformersModel
        from fashion_assets.models.resources import GpuResource

        model = TransformersModel(str(vlm_folder()), GpuResource(device="cpu", micro_batch=1).plan())
    else:
        model = FakeVisionLanguageModel()
    server = EndpointServer(model)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
