"""What every command prints with: the consoles, and the progress display of long work."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from fashion_assets.orchestration.progress import ProgressListener, TrackedWork, listening, spoken_time

PLAIN_WIDTH = 120
"""Columns in a file or a pipe, which have no width of their own: at rich's 80, tables would break words."""

output = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
errors = Console(stderr=True)


@contextmanager
def progress_shown() -> Iterator[None]:
    """Show all progress made while the block runs: bars where a person watches, else lines at least every 15 seconds.

    "Else" is a log file, a pipe or CI, where rich would print nothing, or bars that nobody can read.
    """
    if not errors.file.isatty() or errors.is_dumb_terminal:
        with listening(_Lines()):
            yield
        return
    what = TextColumn("{task.description}", markup=False)
    columns = (what, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), _TimeLeft())
    bars = Progress(*columns, console=errors, transient=True)
    with _kept_on_the_terminal(errors), bars, listening(_Bars(bars)):
        yield


@contextmanager
def _kept_on_the_terminal(console: Console) -> Iterator[None]:
    """Dagster sends the process's stderr through a pipe while a step runs, and rich shows no bars in a pipe."""
    shown_on = console.file
    with os.fdopen(os.dup(shown_on.fileno()), "w", encoding=shown_on.encoding) as terminal:
        console.file = terminal
        try:
            yield
        finally:
            console.file = None if shown_on is sys.stderr else shown_on


class _Lines(ProgressListener):
    def said(self, line: str) -> None:
        errors.print(line, highlight=False, markup=False, soft_wrap=True)


class _Bars(ProgressListener):
    """A bar for each piece of work, as long as it lasts."""

    def __init__(self, progress: Progress):
        self._progress = progress
        self._bars: dict[TrackedWork, TaskID] = {}

    def moved(self, work: TrackedWork) -> None:
        if work not in self._bars:
            self._bars[work] = self._progress.add_task(work.what, total=None, work=work)
        self._progress.update(self._bars[work], completed=work.done, total=work.total)

    def ended(self, work: TrackedWork) -> None:
        if work in self._bars:
            self._progress.remove_task(self._bars.pop(work))


class _TimeLeft(ProgressColumn):
    """Our own estimate: rich's needs two steps within half a minute, which slow models do not make."""

    def render(self, task: Task) -> Text:
        left = task.fields["work"].seconds_left()
        return Text("" if left is None else f"{spoken_time(left)} left", style="progress.remaining")
