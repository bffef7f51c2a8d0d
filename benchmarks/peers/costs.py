"""What commands cost: CPU time, memory and time on the clock of all their processes, and of servers they leave running.

Linux only: this process becomes the parent of every descendant whose own parent has ended, so that none is missed.
"""

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
"""See prctl(2)."""

_SAMPLED_EVERY_SECONDS = 1.0
_SECONDS_TO_END = 30


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system), seconds on the clock, and the most memory held at once in MiB.

    Memory is the sum of the processes' proportional set sizes (PSS): pages that several share count once.
    """

    cpu_seconds: float
    seconds: float
    peak_mib: float


def adopt_orphans() -> None:
    """Become the parent of descendants whose parents end; raises OSError where the system cannot do that."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "This process cannot adopt orphans; run the benchmark on Linux.")


def measure(
    command: Sequence[str], environment: Mapping[str, str], log: Path, kill_when: Callable[[], bool] | None = None
) -> Cost:
    """Run `command` to its end, or kill its process group (SIGKILL) when `kill_when` says so.

    What it prints goes into the file `log`. A server that it started in a session of its own lives on, as it would on a
    user's machine. Raises RuntimeError when the command fails, or ends before it was killed.
    """
    before, start, peak = _cpu_seconds(), time.perf_counter(), 0.0
    with log.open("a") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, process_group=0)
        while process.poll() is None:
            peak = max(peak, _memory_mib())
            if kill_when is not None and kill_when():
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_SAMPLED_EVERY_SECONDS)
    seconds = time.perf_counter() - start
    if process.returncode != (0 if kill_when is None else -signal.SIGKILL):
        raise RuntimeError(f"'{' '.join(command)}' ended with status {process.returncode}; see {log}.")
    return Cost(_cpu_seconds() - before, seconds, peak)


def end_descendants() -> None:
    """End what commands have left running, such as a database server."""
    left = psutil.Process().children(recursive=True)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(left, _SECONDS_TO_END)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, _SECONDS_TO_END)


def _cpu_seconds() -> float:
    """Of all descendants so far, ended or running."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = ended.ru_utime + ended.ru_stime
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _memory_mib() -> float:
    total = 0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # it may end at any moment
            total += process.memory_full_info().pss
    return total / 2**20
