"""Servers on loopback that receive alerts: a webhook and a mail server, either of which can be down or refuse."""

import email
import json
import socketserver
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook(ThreadingHTTPServer):
    """Takes JSON posts; the first `fail_first` of them get `status` as an answer, as do those whose text has `refuses`.

    `requests` are all, `taken` those that were answered well.
    """

    daemon_threads = True

    def __init__(self, fail_first: int = 0, status: int = 503, refuses: str | None = None):
        super().__init__(("127.0.0.1", 0), _WebhookHandler)
        self.fail_first, self.status, self.refuses = fail_first, status, refuses
        self.requests: list[dict] = []
        self.taken: list[dict] = []

    def url(self, path: str = "hook", user: str = "") -> str:
        return f"json://{user}127.0.0.1:{self.server_port}/{path}"

    def titles(self) -> list[str]:
        return [request["title"] for request in self.taken]


class _WebhookHandler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = {**content, "path": self.path, "headers": dict(self.headers)}
        self.server.requests.append(request)
        refused = self.server.refuses is not None and self.server.refuses in content["message"]
        fails = refused or len(self.server.requests) <= self.server.fail_first
        if not fails:
            self.server.taken.append(request)
        self.send_response(self.server.status if fails else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail over SMTP; with a `password` other than the one given, logging in is refused."""

    daemon_threads = True

    def __init__(self, password: str = "right"):
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.password = password
        self.mails: list[tuple[list[str], Message]] = []

    @property
    def port(self) -> int:
        return self.server_address[1]


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self):
        self.say("220 receiver")
        recipients = []
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                self.say("250-receiver")
                self.say("250 AUTH LOGIN")
            elif verb.startswith("AUTH"):
                self.log_in()
            elif verb.startswith("MAIL"):
                recipients = []
                self.say("250 ok")
            elif verb.startswith("RCPT"):
                recipients.append(line.partition("<")[2].partition(">")[0])
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append((recipients, email.message_from_bytes(b"".join(lines))))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def log_in(self):
        self.say("334 UGFzc3dvcmQ6")
        given = b64decode(self.rfile.readline()).decode()
        self.say("235 welcome" if given == self.server.password else f"535 wrong password {given}")

    def say(self, line: str):
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator:
    """The server, answering in a thread while the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
