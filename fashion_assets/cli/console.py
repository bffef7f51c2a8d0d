"""What every command prints with: the consoles, JSON, and the news and progress of long work."""

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
"""Columns in a file or a pipe, which have no width of their own: at rich's 80, tables would break words."""

output = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
errors = Console(stderr=True)

_APPLICATION = "fashion_assets.app"
"""The logger of whatever is done for a command."""


def print_json(result: object) -> None:
    """Print a result as JSON."""
    output.print_json(json.dumps(json_ready(result)))


@contextmanager
def progress_shown() -> Iterator[None]:
    """Show what is logged and all progress made while the block runs.

    Progress is shown as bars where a person watches, else as lines at least every 15 seconds. "Else" is a log file, a
    pipe or CI, where rich would print nothing, or bars that nobody can read.
    """
    if not errors.file.isatty() or errors.is_dumb_terminal:
        with _news_shown(), listening(Lines(errors)):
            yield
        return
    what = TextColumn("{task.description}", markup=False)
    columns = (what, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeLeft())
    bars = Progress(*columns, console=errors, transient=True)
    with _kept_on_the_terminal(errors), _news_shown(), bars, listening(Bars(bars)):
        yield


@contextmanager
def _news_shown() -> Iterator[None]:
    """Print what the application logs, and only here: some libraries set up the root logger to print everything."""
    logger, handler = logging.getLogger(_APPLICATION), _NewsHandler()
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


class _NewsHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        errors.print(record.getMessage(), highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _kept_on_the_terminal(console: Console) -> Iterator[None]:
    """Dagster sends the process's stderr through a pipe while a step runs, and rich shows no bars in a pipe."""
    shown_on = cast(TextIO, console.file)
    with os.fdopen(os.dup(shown_on.fileno()), "w", encoding=shown_on.encoding) as terminal:
        console.file = terminal
        try:
            yield
        finally:
            console.file = cast(TextIO, None) if shown_on is sys.stderr else shown_on  # None: whatever stderr is then
