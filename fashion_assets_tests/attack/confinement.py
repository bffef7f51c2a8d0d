"""A process of its own for one attack: its limits of time and memory, and a look at what it writes and asks for."""

import json
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any

from fashion_assets.catalog.reading import workbook_process
from fashion_assets.fashion_error import LONGEST_CLAUSE, FashionError

CPU_SECONDS = 10
MEMORY_BYTES = 4 << 30
WALL_SECONDS = 60
"""On a busy machine; what waits for nothing ends long before."""

Attack = Callable[[bytes, Path], None]
"""Takes an input in an empty folder; returns if the input was taken or refused as data, raises FashionError if not."""

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["fashion_assets_tests.attack.kinds"])
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROGRAMS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn"}
_NEEDED = (["uname", "-p"], [sys.executable, "-P", workbook_process.__file__])
"""How the programs begin that are run on purpose: for a header of the HTTP client, and to read workbooks."""

_CHANGES = {"os.remove": 1, "os.rename": 2, "os.mkdir": 1, "os.rmdir": 1, "os.symlink": 2, "os.link": 2, "os.chmod": 1}
"""Events of Python's audit, and how many of their arguments are paths."""


@dataclass(frozen=True)
class Outcome:
    """How an attack ended: `refusal` is the sentence of a refusal, `fault` what must not happen, or both are null."""

    refusal: str | None = None
    fault: str | None = None


def confined(attack: Attack, content: bytes, folder: Path, cpu_seconds: int = CPU_SECONDS) -> Outcome:
    """The outcome of `attack` on `content` in a process of its own, which may write into `folder` only."""
    receiving, sending = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_attacked, args=(attack, content, folder, cpu_seconds, sending))
    process.start()
    sending.close()
    try:
        if not connection.wait([receiving, process.sentinel], WALL_SECONDS) or not receiving.poll(1):
            return Outcome(fault=_ended(process))
        return Outcome(**json.loads(receiving.recv()))
    except EOFError:
        return Outcome(fault=_ended(process))
    finally:
        process.kill()
        process.join()
        receiving.close()


def _ended(process: Any) -> str:
    process.join(1)
    if process.exitcode is None:
        return f"no end after {WALL_SECONDS} s"
    return f"the process ended with {process.exitcode} (-24: more than its CPU seconds, -9 or -6: its memory)"


def _attacked(attack: Attack, content: bytes, folder: Path, cpu_seconds: int, sending: Any) -> None:
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    sys.dont_write_bytecode = True  # of modules that are imported for the first time
    seen: list[str] = []
    sys.addaudithook(lambda event, arguments: seen.extend(_outside(event, arguments, folder)))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY_BYTES, size + MEMORY_BYTES))
    outcome = _outcome(attack, content, folder)
    if seen and outcome.fault is None:
        outcome = Outcome(fault=f"it did what it may not: {seen[:3]}")
    sending.send(json.dumps(asdict(outcome)))


def _outcome(attack: Attack, content: bytes, folder: Path) -> Outcome:
    try:
        attack(content, folder)
        return Outcome()
    except FashionError as error:
        wrong = [each for each in (error, *getattr(error, "further", ())) if not _is_one_sentence(each)]
        return Outcome(fault=f"no sentence: {str(wrong[0])[:500]!r}") if wrong else Outcome(refusal=str(error))
    except BaseException:
        return Outcome(fault=traceback.format_exc()[-2000:])


def _is_one_sentence(error: FashionError) -> bool:
    parts = (error.value, error.rule, error.remedy)
    return all(part and part.isprintable() and len(part) <= LONGEST_CLAUSE for part in parts)


def _outside(event: str, arguments: tuple[Any, ...], folder: Path) -> list[str]:
    """What an event of the audit does outside of the folder and of this machine."""
    if event in _PROGRAMS:
        command = list(arguments[1]) if event == "subprocess.Popen" and isinstance(arguments[1], list | tuple) else []
        is_needed = any(command[: len(needed)] == needed for needed in _NEEDED)
        return [] if is_needed else [f"{event} {arguments[0]!r}"]
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] != "127.0.0.1":
        return [f"{event} {arguments[1]!r}"]
    if event == "open":
        path, _, flags = arguments
        paths = [path] if flags & _WRITING else []
    else:
        paths = list(arguments[: _CHANGES.get(event, 0)])
    named = [os.path.realpath(os.fsdecode(path)) for path in paths if isinstance(path, str | bytes | os.PathLike)]
    return [f"{event} {path}" for path in named if not Path(path).is_relative_to(folder) and path != os.devnull]
