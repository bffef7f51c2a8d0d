"""A shop's web server on loopback that serves the files of a folder."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FolderServer(ThreadingHTTPServer):
    """`paths` are those that it was asked for."""

    daemon_threads = True

    def __init__(self, folder: Path):
        self.paths: list[str] = []
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    server: FolderServer

    def do_GET(self):
        self.server.paths.append(self.path)
        super().do_GET()

    def log_message(self, format, *args):
        pass


@contextmanager
def serving(folder: Path) -> Iterator[FolderServer]:
    """The files of the folder, while the block runs."""
    with FolderServer(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
