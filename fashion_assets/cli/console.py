"""Output of all commands: the consoles, JSON, and the log and progress of long work."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fashion_assets.app.json_values import json_ready
from fashion_assets.app.progress import listening
from fashion_assets.cli.progress import Bars, Lines, TimeLeft

PLAIN_WIDTH = 120
"""Columns of a file or a pipe, which has no width of its own; at rich's default of 80, tables break words."""

output = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, emoji=False)  # `a:b:c` is a path
errors = Console(stderr=True, emoji=False)

_APPLICATION = "fashion_assets.app"
"""The logger above those of all application modules."""


def print_json(result: object) -> None:
    """Print a result as JSON."""
    output.print_json(json.dumps(json_ready(result)))


@contextmanager
def progress_shown() -> Iterator[None]:
    """Show log messages and progress while the block runs.

    Progress is shown as bars on a terminal, and as lines at least every 15 seconds elsewhere (in a log file, a pipe or
    CI), where rich would print nothing, or bars that nobody can read.
    """
    if not errors.file.isatty() or errors.is_dumb_terminal:
        with _log_shown(), listening(Lines(errors)):
            yield
        return
    what = TextColumn("{task.description}", markup=False)
    columns = (what, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeLeft())
    bars = Progress(*columns, console=errors, transient=True)
    with _kept_on_the_terminal(errors), _log_shown(), bars, listening(Bars(bars)):
        yield


@contextmanager
def _log_shown() -> Iterator[None]:
    """Print the application's log messages here alone: some libraries have the root logger print everything, too."""
    logger, handler = logging.getLogger(_APPLICATION), _ConsoleHandler()
    level, propagates = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagates


class _ConsoleHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        errors.print(record.getMessage(), highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _kept_on_the_terminal(console: Console) -> Iterator[None]:
    """Keep printing to the terminal: Dagster redirects stderr to a pipe while a step runs, where rich shows no bars."""
    shown_on = cast(TextIO, console.file)
    with os.fdopen(os.dup(shown_on.fileno()), "w", encoding=shown_on.encoding) as terminal:
        console.file = terminal
        try:
            yield
        finally:
            # With None, rich prints to what stderr is at that time.
            console.file = cast(TextIO, None) if shown_on is sys.stderr else shown_on
