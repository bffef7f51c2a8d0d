"""One contender through all runs: the first, an unchanged one, one that is killed and resumed, and a small change."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import calls
from .catalog import change_catalog
from .contender import Results, read_results
from .costs import end_descendants, measure

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-peers"
FIRST, UNCHANGED, KILLED, RESUMED, CHANGED = RUNS = ("first", "unchanged", "killed", "resumed", "changed")
KILLED_AFTER = 0.5
"""Share of the questions."""

Figures = dict[str, Any]
"""Of a contender or of one of its runs, ready for JSON; `race` says what it holds."""


@dataclass(frozen=True)
class Peer:
    """A contender's title, module, environment and way; without an environment it runs in the project's.

    `way` is one of those of the module's command line; without it its first one is used.
    """

    title: str
    module: str
    environment: str | None = None
    way: str | None = None

    @property
    def python(self) -> Path:
        """Raises FileNotFoundError when the environment was not made."""
        if self.environment is None:
            return Path(sys.executable)
        python = ENVIRONMENTS / self.environment / "bin" / "python"
        if not python.exists():
            raise FileNotFoundError(f"{self.title} needs {python}, which `make benchmark-peers` makes.")
        return python

    @property
    def versions(self) -> list[str]:
        """What it was measured with, as `name==version`."""
        if self.environment is None:
            return [f"{name}=={version(name)}" for name in ("dagster", "polars", "deltalake", "lancedb")]
        return (Path(__file__).parent / f"{self.environment}.txt").read_text().split()


PEERS = {
    "fashion_assets": Peer("fashion_assets", "ours"),
    "pixeltable": Peer("Pixeltable", "with_pixeltable", "pixeltable"),
    "pixeltable-manual": Peer("Pixeltable as in its manual", "with_pixeltable", "pixeltable", "manual"),
    "daft": Peer("Daft with LanceDB", "with_daft", "daft"),
    "daft-manual": Peer("Daft with LanceDB as in its manual", "with_daft", "daft", "manual"),
}


@dataclass(frozen=True)
class Outcome:
    """The figures of a contender, and what its home held after the first run and after the run that was resumed."""

    figures: Figures
    first: Results
    resumed: Results


def race(peer: Peer, catalog: Path, folder: Path) -> Outcome:
    """All runs of `peer` on a copy of the folder `catalog`, with homes and logs in `folder`, which is emptied.

    The figures: `versions`, `started` (UTC), `load_average` over a minute at the start and the end, `runs` with cost
    and model calls by run, and of the run that is killed `asked` and `kept`, the questions answered in it and those of
    them that are not asked again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(catalog, folder / "catalog")
    start, started, runner = os.getloadavg()[0], datetime.now(UTC), _Runner(peer, folder)
    try:
        runs = {FIRST: runner.run(FIRST, "home"), UNCHANGED: runner.run(UNCHANGED, "home")}
        first, questions = runner.results("home"), runs[FIRST][calls.QUESTIONS]
        runs[KILLED] = runner.run(KILLED, "killed", kill_after=round(KILLED_AFTER * questions))
        runs[RESUMED] = runner.run(RESUMED, "killed")
        resumed = runner.results("killed")
        change_catalog(folder / "catalog")
        runs[CHANGED] = runner.run(CHANGED, "home")
    finally:
        end_descendants()
    figures = {
        "versions": peer.versions,
        "started": started.isoformat(timespec="seconds"),
        "load_average": [round(load, 1) for load in (start, os.getloadavg()[0])],
        "runs": runs,
        "asked": runs[KILLED][calls.QUESTIONS],
        "kept": questions - runs[RESUMED][calls.QUESTIONS],
    }
    return Outcome(figures, first, resumed)


def warm_up(peer: Peer, catalog: Path, folder: Path) -> None:
    """A first run that is not measured, so that bytecode is compiled and packages are in the page cache."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        _Runner(peer, folder, catalog).run("warm-up", "home")
    finally:
        end_descendants()


class _Runner:
    """Starts a contender's process for each run."""

    def __init__(self, peer: Peer, folder: Path, catalog: Path | None = None) -> None:
        self._peer, self._folder, self._catalog = peer, folder, catalog or folder / "catalog"

    def run(self, name: str, home: str, kill_after: int | None = None) -> Figures:
        """Cost and model calls of one run; it is killed after `kill_after` questions."""
        noted = self._folder / f"{name}.calls"
        command, log = self._command("run", home), self._folder / f"{name}.log"
        print(f"{self._peer.title}, {name}: ", end="", file=sys.stderr, flush=True)
        cost = measure(command, environment(noted), log, _killing(noted, kill_after))
        print(f"{cost.cpu_seconds:,.1f} CPU seconds in {cost.seconds:,.1f}", file=sys.stderr)
        counts = calls.read_calls(noted)
        return asdict(cost) | {kind: counts[kind] for kind in (calls.QUESTIONS, calls.PHOTOS, calls.TEXTS)}

    def results(self, home: str) -> Results:
        """What the home holds."""
        with (self._folder / "show.log").open("a") as log:
            subprocess.run(
                self._command("show", home), env=environment(None), check=True, stdout=log, stderr=subprocess.STDOUT
            )
        return read_results(self._folder / home)

    def _command(self, role: str, home: str) -> list[str]:
        command = [str(self._peer.python), "-m", f"peers.{self._peer.module}", role]
        paths = [str(self._catalog), str(self._folder / home)]
        return [*command, *paths, *([self._peer.way] if self._peer.way else [])]


def _killing(noted: Path, kill_after: int | None) -> Callable[[], bool] | None:
    if kill_after is None:
        return None
    return lambda: calls.read_calls(noted)[calls.QUESTIONS] >= kill_after


def environment(noted: Path | None) -> dict[str, str]:
    """Of every contender; `benchmarks` is an import root, because its package imports more than they need.

    No contender reports its use to anyone, and no setting of the project's reaches it.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # each process would compile its imports again
    silent = {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true", "DAFT_ANALYTICS_ENABLED": "0"}
    roots = os.pathsep.join((str(ROOT), str(ROOT / "benchmarks")))
    return inherited | silent | {"PYTHONPATH": roots} | ({calls.FILE: str(noted)} if noted else {})
