"""Progress in the terminal: bars where a person watches, lines elsewhere."""

import io
import logging
import os
import pty
from contextlib import suppress

import pytest
from rich.console import Console

from fashion_assets.cli import console
from fashion_assets.cli.console import progress_shown
from fashion_assets.cli.progress import Bars, TimeLeft
from fashion_assets.orchestration.progress import announce, reporting


def show(stream, monkeypatch, terminal="xterm", meanwhile=lambda: None) -> None:
    """Show the progress of some work, with news in between, on a stderr of this kind."""
    monkeypatch.setattr(console, "errors", Console(file=stream, width=100, _environ={"TERM": terminal}))
    with progress_shown(), reporting("counting [b]") as progress:
        announce("found [i]", lambda line: None)
        progress(0, 7)
        meanwhile()
        progress(3, 7)
        console.errors.print("news")
        progress(7, 7)


def screen() -> tuple[int, io.TextIOWrapper]:
    """A terminal: where to read what it shows, and what to write to."""
    shown, written = pty.openpty()
    return shown, os.fdopen(written, "w")


def read(shown: int) -> str:
    text = b""
    with suppress(OSError):  # the end of a terminal
        while part := os.read(shown, 65536):
            text += part
    os.close(shown)
    return text.decode()


def test_a_person_sees_bars(monkeypatch):
    shown, stream = screen()
    with stream:
        show(stream, monkeypatch)
        assert console.errors.file is stream
    text = read(shown)
    assert "━" in text
    assert "counting [b]" in text
    assert "news" in text and "found [i]" in text
    assert "of 7 in" not in text


def test_the_bars_stay_where_they_are_when_dagster_redirects_stderr(monkeypatch):
    shown, stream = screen()
    with stream:
        show(stream, monkeypatch, meanwhile=lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno()))
    assert "news" in read(shown)


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_a_file_gets_lines(terminal, monkeypatch):
    file = io.StringIO()
    show(file, monkeypatch, terminal)
    announced, news, line = file.getvalue().splitlines()
    assert (announced, news) == ("found [i]", "news")
    assert line.startswith("counting [b]: 7 of 7 in ")


def test_a_dumb_terminal_gets_lines(monkeypatch):
    shown, stream = screen()
    with stream:
        show(stream, monkeypatch, "dumb")
    assert "counting [b]: 7 of 7 in " in read(shown)


def test_the_time_left_is_ours():
    class Slow:
        what, done, total = "slow", 1, 3

        def seconds_left(self):
            return 200

    column = TimeLeft()
    with console.Progress(column, console=Console(file=io.StringIO()), auto_refresh=False) as progress:
        bars, work = Bars(progress), Slow()
        bars.moved(work)
        bars.moved(work)
        assert [str(column.render(task)) for task in progress.tasks] == ["3 min 20 s left"]
        bars.ended(work)
        assert progress.tasks == []


def test_news_are_printed_once_although_a_library_has_the_root_logger_print_too(monkeypatch, caplog):
    stream = io.StringIO()
    show(stream, monkeypatch, meanwhile=lambda: logging.getLogger("fashion_assets.app.run").info("batch is done"))
    assert stream.getvalue().count("batch is done") == 1
    assert "batch is done" not in caplog.text
