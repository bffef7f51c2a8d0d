"""Attacks that do what none may, to see that each is found."""

import ctypes
import subprocess
import urllib.request
from pathlib import Path

from fashion_assets.errors import SourceError


def write_outside(content: bytes, folder: Path) -> None:
    (folder.parent / "outside").write_bytes(content)


def write_inside(content: bytes, folder: Path) -> None:
    (folder / "inside").write_bytes(content)


def ask_elsewhere(content: bytes, folder: Path) -> None:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open("http://192.0.2.1:9/", timeout=0.1)
    except OSError:
        return


def run_a_program(content: bytes, folder: Path) -> None:
    subprocess.run(["true"], check=True)


def hang(content: bytes, folder: Path) -> None:
    while True:
        pass


def eat_memory(content: bytes, folder: Path) -> None:
    bytearray(5 << 30)


def crash(content: bytes, folder: Path) -> None:
    ctypes.string_at(0)


def raise_anything(content: bytes, folder: Path) -> None:
    raise ZeroDivisionError("planted")


def refuse(content: bytes, folder: Path) -> None:
    raise SourceError(value="The file is bad", rule="it must be good", remedy="fix it")


def refuse_without_a_remedy(content: bytes, folder: Path) -> None:
    raise SourceError(value="The file is bad", rule="it must be good", remedy="")


PLANTED = {
    write_outside: "it did what it may not",
    ask_elsewhere: "socket.connect",
    run_a_program: "subprocess.Popen",
    hang: "the process ended with",
    eat_memory: "MemoryError",
    crash: "the process ended with -11",
    raise_anything: "ZeroDivisionError: planted",
    refuse_without_a_remedy: "no sentence: ",
}
"""Each attack, and what is said of it."""
