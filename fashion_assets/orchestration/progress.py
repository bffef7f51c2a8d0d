"""Progress of long work: logged at least every 15 seconds, and passed to listeners in this process.

A separate thread reports it, so that a single slow step still shows that it is alive.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

Progress = Callable[[int, int], None]
"""Called with the number of items done and the total."""

BEAT_SECONDS = 10.0
"""Between two lines; below the promised 15, so that a busy machine keeps that promise too."""

_STEPS_REMEMBERED = 10
_STEP_SECONDS = 3.0
"""Faster steps are merged into one, so that the pace is that of the last half minute or more."""


class ProgressListener:
    """Receives all progress of this process, on any thread; does nothing unless a method is overridden."""

    def moved(self, work: "TrackedWork") -> None:
        """The work has started, or more of it is done."""

    def said(self, line: str) -> None:
        """A line for people to read, instead of a display of what has moved."""

    def announced(self, line: str) -> None:
        """A line for people to read in any case."""

    def ended(self, work: "TrackedWork") -> None:
        """The work is over."""


_listeners: list[ProgressListener] = []


@contextmanager
def listening(listener: ProgressListener) -> Iterator[None]:
    """Pass all progress of this process to `listener` while the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def announce(line: str, log: Callable[[str], None]) -> None:
    """Log a line, and pass it to all listeners."""
    log(line)
    for listener in _listeners:
        listener.announced(line)


@contextmanager
def reporting(
    what: str, log: Callable[[str], None] = lambda line: None, beat_seconds: float = BEAT_SECONDS
) -> Iterator[Progress]:
    """A progress callback for the block; `log` gets a line every `beat_seconds`, whatever the block is doing.

    `log` is called from a separate thread, and once more at the end if there was anything to do. An error in it
    loses that line, never the work.
    """
    work = TrackedWork(what, log)
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(beat_seconds):
            work.beat()

    heart = threading.Thread(target=beat, name=f"progress: {what}", daemon=True)
    heart.start()
    is_complete = False
    try:
        yield work.moved
        is_complete = True
    finally:
        is_over.set()
        heart.join()
        work.finish(is_complete)


class _Step(NamedTuple):
    """The number of items `done` at the time `at` of the clock."""

    at: float
    done: int


class TrackedWork:
    """A piece of work: how much of it is done, since when, and its recent pace.

    `total` is None until it is known. `clock` gives seconds.
    """

    def __init__(self, what: str, log: Callable[[str], None], clock: Callable[[], float] = time.monotonic):
        self.what = what
        self.total: int | None = None
        self._log = log
        self._clock = clock
        self._started = clock()
        self._latest = _Step(self._started, 0)
        self._first = self._latest
        self._latest_items = 0
        self._steps: deque[_Step] = deque(maxlen=_STEPS_REMEMBERED)
        self._has_beaten = False
        self._tell_moved()

    @property
    def done(self) -> int:
        return self._latest.done

    def moved(self, done: int, total: int) -> None:
        """Record that `done` of `total` are done."""
        if self.total is None and not done:
            self._first = _Step(self._clock(), 0)  # the time before was loading
        if done > self.done:
            step = _Step(self._clock(), done)
            if not self._steps or step.at - self._steps[-1].at >= _STEP_SECONDS:
                self._steps.append(step)  # first: another thread reads both
            self._latest_items = done - self.done
            self._latest = step
        self.total = total
        self._tell_moved()

    def beat(self) -> None:
        """Report the progress."""
        self._has_beaten = True
        self._say(self.line())

    def finish(self, is_complete: bool) -> None:
        """Report the end, unless there was nothing to do."""
        if self.total or self._has_beaten:
            count = self._count() if self.total else ""
            ending = f"{count or 'done'} in" if is_complete else f"stopped{' at ' if count else ''}{count} after"
            self._say(f"{self.what}: {ending} {spoken_time(self._seconds())}")
        for listener in _listeners:
            listener.ended(self)

    def line(self) -> str:
        """The progress and the time left; before the first item is done, the time since the start."""
        left = self.seconds_left()
        times = f"{spoken_time(self._seconds())} so far" if left is None else f"about {spoken_time(left)} left"
        return f"{self.what}: {self._count()}, {times}" if self.total else f"{self.what}: {times}"

    def seconds_left(self) -> float | None:
        """From the pace of the last steps, without the very first, which often waits for caches and compilers.

        pace = (time of the latest step - time of the oldest remembered step) / items between them. A late step slows
        the pace at once: at best it ends now, with as many items as the step before.
        """
        latest, total = self._latest, self.total
        if not latest.done or total is None:
            return None
        oldest = self._steps[0] if self._steps[0].done < latest.done else self._first
        items = latest.done - oldest.done
        pace = max((latest.at - oldest.at) / items, (self._clock() - oldest.at) / (items + self._latest_items))
        return pace * (total - latest.done)

    def _seconds(self) -> float:
        return self._clock() - self._started

    def _count(self) -> str:
        return f"{self.done:,} of {self.total:,}"

    def _tell_moved(self) -> None:
        for listener in _listeners:
            listener.moved(self)

    def _say(self, line: str) -> None:
        for tell in (self._log, *(listener.said for listener in _listeners)):
            with suppress(Exception):
                tell(line)


def spoken_time(seconds: float) -> str:
    """As `45 s`, `3 min 20 s` or `2 h 5 min`: humanize writes units in full, too long for a progress line."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
