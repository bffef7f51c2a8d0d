"""One contender in a process of its own: it builds an index and ends, or it answers rounds of queries.

Imports nothing but NumPy, so that it runs in the rivals' environment as well. Requests and answers are lines of JSON on
stdin and stdout; `Process` in `race.py` is the other side.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

WANTED = 20
PROC_STATUS = Path("/proc/self/status")


class Contender(ABC):
    """A way to search: `data` is the folder that `data.py` wrote, `home` where an index may be kept."""

    def __init__(self, data: Path, home: Path) -> None:
        self.data, self.home = data, home

    @abstractmethod
    def build(self) -> None:
        """Make what `open` needs and keep it in `home`."""

    @abstractmethod
    def open(self) -> None:
        """Load what `search` needs."""

    @abstractmethod
    def search(self, query: np.ndarray, conditions: dict[str, str]) -> list[int]:
        """The ids of the WANTED products nearest to `query` (d,), among those that meet `conditions` by column."""


class InMemory(Contender):
    """Keeps the products' facts as arrays, which a library of vectors alone requires."""

    def open(self) -> None:
        with np.load(self.data / "facts.npz") as facts:
            self.facts = {name: facts[name] for name in facts.files}

    def passing(self, conditions: dict[str, str]) -> np.ndarray:
        """Which products (n Booleans) have the values of `conditions`, of which there is at least one."""
        return np.logical_and.reduce([self.facts[name] == value for name, value in conditions.items()])


def serve(contender: Contender, role: str) -> None:
    """Play one `role`, `build` or `query`, until stdin ends."""
    start = time.perf_counter()
    if role == "build":
        contender.build()
        _answer(seconds=time.perf_counter() - start)
        return
    contender.open()
    queries = np.load(contender.data / "queries.npy")
    filters = json.loads((contender.data / "filters.json").read_text())
    _answer(seconds=time.perf_counter() - start)
    for line in sys.stdin:
        conditions = filters[json.loads(line)]
        times, ids = [], []
        for query in queries:
            start = time.perf_counter()
            ids.append(contender.search(query, conditions))
            times.append((time.perf_counter() - start) * 1000)
        _answer(milliseconds=times, ids=ids)


def _answer(**figures: object) -> None:
    print(json.dumps({**figures, "peak_mib": _peak_mib()}, default=int), flush=True)


def _peak_mib() -> float:
    """The most memory this process has held (RSS)."""
    if PROC_STATUS.exists():  # on Linux `ru_maxrss` starts with the memory of the parent
        kib = next(line.split()[1] for line in PROC_STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kib) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS


def play(contenders: dict[str, type[Contender]]) -> None:
    """The command line of a contenders' module: NAME ROLE DATA HOME."""
    name, role, data, home = sys.argv[1:]
    serve(contenders[name](Path(data), Path(home)), role)
