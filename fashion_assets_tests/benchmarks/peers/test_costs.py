"""What a command costs, with the processes that it starts."""

import os
import sys
import time

import psutil
import pytest

from benchmarks.peers.costs import measure

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmark measures on Linux")

CPU_SECONDS = 0.4
BUSY = f"import time\nwhile time.process_time() < {CPU_SECONDS}: pass"
WITH_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)"


def test_the_time_of_a_childs_child_counts(tmp_path):
    cost = measure([sys.executable, "-c", WITH_A_CHILD], dict(os.environ), tmp_path / "log")
    assert cost.cpu_seconds >= CPU_SECONDS
    assert cost.seconds >= CPU_SECONDS
    assert cost.peak_mib > 1


def test_idle_time_does_not_count(tmp_path):
    cost = measure([sys.executable, "-c", "import time; time.sleep(1)"], dict(os.environ), tmp_path / "log")
    assert cost.seconds >= 1
    assert cost.cpu_seconds < 0.8


def test_a_command_is_killed_with_its_children_when_it_is_time(tmp_path):
    pid = tmp_path / "pid"
    child = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"
    command = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"]
    cost = measure(
        command, dict(os.environ), tmp_path / "log", kill_when=lambda: pid.exists() and pid.read_text() != ""
    )
    assert cost.seconds < 60
    assert _ends(int(pid.read_text()))


def _ends(pid: int) -> bool:
    """Whether the process ends within 10 s: a busy system takes a moment to carry out a kill."""
    deadline = time.monotonic() + 10
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_failure_names_the_log(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(RuntimeError, match=rf"status 3; see {log}"):
        measure([sys.executable, "-c", "print('why'); raise SystemExit(3)"], dict(os.environ), log)
    assert log.read_text() == "why\n"


def test_a_command_that_ends_before_it_is_killed_is_a_failure(tmp_path):
    with pytest.raises(RuntimeError, match="status 0"):
        measure([sys.executable, "-c", ""], dict(os.environ), tmp_path / "log", kill_when=lambda: False)
