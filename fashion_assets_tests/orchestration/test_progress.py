"""Progress is reported even while the work is silent, with the time left from its recent pace."""

import re
import threading

import pytest
from dagster import AssetExecutionContext, DagsterInstance, asset, materialize

from fashion_assets.orchestration.progress import (
    ProgressListener,
    TrackedWork,
    announce,
    listening,
    reporting,
    spoken_time,
)

SOON = 60
"""Seconds; a limit for what takes milliseconds, never waited for in full."""


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Listener(ProgressListener):
    def __init__(self):
        self.heard = []

    def moved(self, work):
        self.heard.append((work.done, work.total))

    def said(self, line):
        self.heard.append(line)

    def ended(self, work):
        self.heard.append("ended")

    def announced(self, line):
        self.heard.append(f"announced: {line}")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def work(clock):
    return TrackedWork("counting", lambda line: None, clock)


def advance(work, clock, *steps):
    """Let each of `steps` (seconds, done) happen, of 100."""
    for seconds, done in steps:
        clock.now += seconds
        work.moved(done, 100)


class Lines:
    """A log that can be waited for; whatever time a line tells is told as 0 s."""

    def __init__(self):
        self.lines = []
        self._is_new = threading.Condition()

    def __call__(self, line: str) -> None:
        with self._is_new:
            self.lines.append(re.sub(r"\d+ s", "0 s", line))
            self._is_new.notify_all()

    def await_line(self, line: str) -> None:
        with self._is_new:
            assert self._is_new.wait_for(lambda: line in self.lines, SOON), self.lines


def test_lines_come_while_the_work_is_silent():
    log = Lines()
    with reporting("counting", log, beat_seconds=0.001) as progress:
        progress(0, 4)
        log.await_line("counting: 0 of 4, 0 s so far")
        progress(4, 4)
    assert log.lines[-1] == "counting: 4 of 4 in 0 s"


def test_before_the_total_is_known_there_is_the_time_so_far():
    log = Lines()
    with reporting("loading", log, beat_seconds=0.001):
        log.await_line("loading: 0 s so far")
    assert log.lines[-1] == "loading: done in 0 s"


def test_quick_work_logs_one_line_and_no_work_none():
    log = Lines()
    with reporting("counting", log, SOON) as progress:
        progress(2, 2)
    with reporting("nothing", log, SOON) as progress:
        progress(0, 0)
    with reporting("nothing", log, SOON):
        pass
    assert log.lines == ["counting: 2 of 2 in 0 s"]


def test_an_error_ends_the_thread_and_is_raised_unchanged():
    log, before = Lines(), set(threading.enumerate())
    with pytest.raises(KeyError), reporting("counting", log, SOON) as progress:
        progress(1, 2)
        raise KeyError
    with pytest.raises(KeyError), reporting("loading", log, beat_seconds=0.001):
        log.await_line("loading: 0 s so far")
        raise KeyError
    assert log.lines[0] == "counting: stopped at 1 of 2 after 0 s"
    assert log.lines[-1] == "loading: stopped after 0 s"
    assert set(threading.enumerate()) <= before


def test_an_error_in_the_log_does_not_stop_the_progress():
    log = Lines()

    def fail(line):
        log(line)
        raise OSError("disk full")

    with reporting("counting", fail, beat_seconds=0.001) as progress:
        log.await_line("counting: 0 s so far")
        progress(0, 2)
        log.await_line("counting: 0 of 2, 0 s so far")


def test_listeners_get_the_start_the_steps_the_lines_and_the_end():
    listener = Listener()
    with listening(listener), reporting("counting") as progress:
        progress(0, 5)
        progress(5, 5)
    assert listener.heard == [(0, None), (0, 5), (5, 5), "counting: 5 of 5 in 0 s", "ended"]
    with reporting("counting") as progress:
        progress(1, 1)
    assert listener.heard[-1] == "ended"
    assert len(listener.heard) == 5


def test_before_anything_is_done_no_time_left_is_shown(work, clock):
    advance(work, clock, (30, 0))
    assert work.seconds_left() is None
    assert work.line() == "counting: 0 of 100, 30 s so far"


def test_one_step_gives_a_first_estimate(work, clock):
    advance(work, clock, (30, 10))
    assert work.seconds_left() == pytest.approx(270)
    assert work.line() == "counting: 10 of 100, about 4 min 30 s left"


def test_loading_does_not_count_as_the_pace_of_the_first_step(work, clock):
    advance(work, clock, (500, 0), (30, 10))
    assert work.seconds_left() == pytest.approx(270)
    assert work.line() == "counting: 10 of 100, about 4 min 30 s left"


def test_a_slow_first_item_is_forgotten_with_the_second(work, clock):
    advance(work, clock, (600, 10), (10, 20))
    assert work.seconds_left() == pytest.approx(80)


def test_the_pace_is_the_recent_one(work, clock):
    advance(work, clock, *((1, done) for done in range(1, 31)))
    advance(work, clock, *((10, done) for done in range(31, 46)))
    assert work.seconds_left() == pytest.approx(550)


def test_quick_steps_are_averaged_over_half_a_minute(work, clock):
    advance(work, clock, *((0.5, done / 2) for done in range(1, 100)))
    clock.now += 0.5
    work.moved(60, 100)  # one jump hardly moves the estimate
    assert work.seconds_left() == pytest.approx(40 * 28.5 / 38.5, rel=0.1)


def test_a_step_that_is_late_raises_the_estimate(work, clock):
    advance(work, clock, (10, 10), (10, 20))
    clock.now += 10  # as long as the last step: as expected
    assert work.seconds_left() == pytest.approx(80)
    clock.now += 100
    assert work.seconds_left() == pytest.approx(80 * 6)


def test_nothing_left_is_no_seconds(work, clock):
    advance(work, clock, (10, 100))
    assert work.seconds_left() == 0


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3600, "1 h 0 min"), (7530, "2 h 5 min")],
)
def test_times_as_people_write_them(seconds, spoken):
    assert spoken_time(seconds) == spoken


def test_a_dagster_run_has_the_lines_in_its_log():
    @asset
    def slow(context: AssetExecutionContext) -> None:
        log = Lines()

        def both(line):
            context.log.info(line)
            log(line)

        with reporting("thinking", both, beat_seconds=0.001) as progress:
            progress(0, 7)
            log.await_line("thinking: 0 of 7, 0 s so far")

    with DagsterInstance.ephemeral() as instance:
        result = materialize([slow], instance=instance)
        logged = [entry for entry in instance.all_logs(result.run_id) if "thinking" in entry.user_message]
        assert any(entry.user_message.startswith("thinking: 0 of 7, ") for entry in logged)
        assert logged[-1].user_message.startswith("thinking: 0 of 7 in ")
        assert {entry.step_key for entry in logged} == {"slow"}


def test_what_is_announced_is_logged_and_heard():
    listener, logged = Listener(), []
    with listening(listener):
        announce("Read as Windows-1252.", logged.append)
    announce("Nobody listens.", logged.append)
    assert listener.heard == ["announced: Read as Windows-1252."]
    assert logged == ["Read as Windows-1252.", "Nobody listens."]
