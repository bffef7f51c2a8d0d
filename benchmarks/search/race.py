"""Run contenders, each in processes of its own, on the same data, and collect their times and answers.

Builds run one after the other, each in a fresh process. Then every contender waits with its index open, and they answer
in turn, filter by filter and round by round, so that a disturbance affects all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.search.contender import WANTED

ROOT = Path(__file__).parents[2]
RIVALS_PYTHON = ROOT / ".venv-rivals" / "bin" / "python"


@dataclass(frozen=True)
class Entry:
    """A contender's `name` in the table, how it is started, and the folder with its data."""

    title: str
    module: str
    name: str
    data: Path


def ours(title: str, data: Path) -> Entry:
    return Entry(title, "ours", "fashion_assets", data)


def rival(title: str, name: str, data: Path) -> Entry:
    return Entry(title, "rivals", name, data)


@dataclass
class Result:
    """The figures of one contender: times in milliseconds and recall (0..1) by filter."""

    build_seconds: float
    build_peak_mib: float
    disk_mib: float
    query_peak_mib: float = 0.0
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    recall: dict[str, float] = field(default_factory=dict)

    def percentile(self, filter_name: str, percent: float) -> float:
        return float(np.percentile(self.milliseconds[filter_name], percent))


def prepare(data: Path, rows: int, dimension: int, columns: int) -> None:
    """Write the data in a process of its own, so that this one stays small."""
    command = [sys.executable, "-m", "benchmarks.search.data", str(data), "--rows", str(rows)]
    subprocess.run(
        [*command, "--dimension", str(dimension), "--columns", str(columns)], check=True, cwd=ROOT, env=_environment()
    )


def race(entries: Sequence[Entry], exact: Entry, home: Path, rounds: int) -> dict[str, Result]:
    """The result of each entry by its title; `exact` is the one whose answers are the truth."""
    results = {entry.title: _build(entry, home / entry.title) for entry in entries}
    waiting = {entry.title: _Asked(entry, home / entry.title) for entry in entries}
    filters = json.loads((exact.data / "filters.json").read_text())
    ids: dict[tuple[str, str], list[list[int]]] = {}
    for number in range(rounds + 1):  # the first round warms up
        for name in filters:
            for title, process in waiting.items():
                answer = process.round(name)
                ids[title, name] = answer["ids"]
                results[title].query_peak_mib = answer["peak_mib"]
                if number:
                    results[title].milliseconds.setdefault(name, []).extend(answer["milliseconds"])
    for process in waiting.values():
        process.close()
    for title, name in ids:
        results[title].recall[name] = _recall(ids[title, name], ids[exact.title, name])
    return results


def _build(entry: Entry, home: Path) -> Result:
    shutil.rmtree(home, ignore_errors=True)
    print(f"building {entry.title}", file=sys.stderr)
    output = subprocess.run(
        _command(entry, "build", home), check=True, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True
    ).stdout
    built = json.loads(output.splitlines()[-1])
    disk = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    return Result(built["seconds"], built["peak_mib"], disk / 2**20)


class _Asked:
    """A contender's process with its index open."""

    def __init__(self, entry: Entry, home: Path) -> None:
        self._process = subprocess.Popen(
            _command(entry, "query", home),
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def round(self, filter_name: str) -> dict:
        self._process.stdin.write(json.dumps(filter_name) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            command, status = " ".join(self._process.args), self._process.wait()
            raise RuntimeError(f"'{command}' ended with status {status} before it answered.")
        return json.loads(line)


def _command(entry: Entry, role: str, home: Path) -> list[str]:
    python = str(RIVALS_PYTHON) if entry.module == "rivals" else sys.executable
    return [python, "-m", f"search.{entry.module}", entry.name, role, str(entry.data), str(home)]


def _environment() -> dict[str, str]:
    """`benchmarks` is an import root itself, because its package imports torch, which the rivals' environment lacks."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "benchmarks")))}


def _recall(ids: list[list[int]], exact: list[list[int]]) -> float:
    hits = sum(len(set(of_query) & set(truth)) for of_query, truth in zip(ids, exact, strict=True))
    return hits / (WANTED * len(exact))
