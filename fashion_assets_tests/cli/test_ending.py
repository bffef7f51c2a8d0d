"""How a command's process ends: with its code, its output, and all that was to be done at its end."""

import subprocess
import sys

import pytest

ENDS = """
import atexit, sys, threading, time
from fashion_assets.cli.ending import end_process
atexit.register(print, "registered")
threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
print("output", end=" ")
sys.stderr.write("error")
end_process(3)
"""


def run(*command: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=60, **options)


def test_threads_exit_functions_and_output_are_waited_for():
    ended = run("-c", ENDS)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "output thread\nregistered\n", "error")


def test_a_closed_pipe_is_no_error():
    script = "import time; from fashion_assets.cli.ending import end_process; print(1); time.sleep(0.5); end_process(0)"
    ended = subprocess.run(
        ["bash", "-c", f'unset PYTHONUNBUFFERED; {sys.executable} -c "{script}" | true; exit ${{PIPESTATUS[0]}}'],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["search"], 2), (["no-such-command"], 2)])
def test_the_console_script_ends_with_the_commands_code(arguments, code, tmp_path):
    ended = run("-c", "from fashion_assets.cli import main; main()", *arguments, cwd=tmp_path)
    assert ended.returncode == code
    assert ended.stdout or ended.stderr
