"""Reading a workbook with limits, by `workbook_process.py`."""

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fashion_assets.catalog.reading import workbook_process
from fashion_assets.catalog.reading.kinds import no_table
from fashion_assets.fashion_error import shorten

MOST_MEMORY = 3 << 30
"""Bytes of address space. A million cells take about 100 MB."""

_SECONDS, _SECONDS_PER_MB = 8, 5
"""Of processor time. A workbook takes about half a second per MB."""


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read, and how many there were to choose from; `cells` are all text."""

    name: str
    cells: pl.DataFrame
    count: int


def read_sheet(content: Path, path: Path, sheet: str | None = None) -> Sheet | tuple[str, ...]:
    """The sheet called `sheet`, else the longest visible one; the names of all sheets if none is called so.

    Raises SourceError if the workbook cannot be read, or not within MOST_MEMORY and the time that its size allows.
    """
    seconds = _SECONDS + _SECONDS_PER_MB * content.stat().st_size // 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "sheet.arrow"
        program = [sys.executable, "-P", workbook_process.__file__, content, sheet or "", table]
        ended = subprocess.run([*map(str, program), str(MOST_MEMORY), str(seconds)], capture_output=True)
        if ended.returncode:
            why = _in_words(ended.returncode, ended.stderr, seconds)
            raise no_table(path, f"is a workbook that cannot be read {why}", "save its sheet as CSV")
        told = json.loads(ended.stdout)
        if "problem" in told:
            what = f"is an Excel file that cannot be read ({told['problem']})"
            raise no_table(path, what, "save it again, or as CSV")
        if "read" not in told:
            return tuple(told["names"])
        return Sheet(told["read"], pl.read_ipc(table), told["count"])


def _in_words(returncode: int, errors: bytes, seconds: int) -> str:
    if returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"within {seconds} s of processor time"
    if returncode < 0:  # how a program in Rust ends that gets no memory
        return f"within {MOST_MEMORY / (1 << 30):.3g} GB of memory"
    lines = errors.decode(errors="replace").split("\n")
    return f"({shorten(next((line for line in reversed(lines) if line.strip()), 'no reason given'), 300)})"
