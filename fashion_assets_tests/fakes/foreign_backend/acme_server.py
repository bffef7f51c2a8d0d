"""The Acme service on loopback: it answers by a photo's colour, and about blue photos only when it looks closely."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from PIL import Image

from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.questions import default_prompts_folder, load_questions

KEY = "acme-0123456789"
SECONDS = 0.5
"""What each answer says that it took."""
TOKENS = 7


class AcmeServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = FakeVisionLanguageModel()
        self.questions = load_questions(default_prompts_folder())
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, asked: dict) -> tuple[int, dict]:
        """HTTP status and content."""
        self.requests += 1
        photo = Image.open(io.BytesIO(base64.b64decode(asked["photo"]))).convert("RGB")
        red, green, blue = photo.resize((1, 1)).tobytes()
        if blue > max(red, green) and asked["quality"] != "fine":
            return 503, {}
        question = next(question for question in self.questions if question.schema == asked["schema"])
        (answer,) = self.model.answer([photo], question)
        return 200, {"answer": answer.text, "tokens": TOKENS, "seconds": SECONDS}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, AcmeServer)
        status, content = self.server.answer(asked) if self.headers["X-Acme-Key"] == KEY else (403, {})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[AcmeServer]:
    server = AcmeServer()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
