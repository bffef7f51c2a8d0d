"""Progress of long work: into the run's log at least every 15 seconds, and to whoever listens in this process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""

Listener = Callable[[str, int, int], None]
"""Called with what is being done, how many are done and how many there are."""

LOG_EVERY_SECONDS = 15.0

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have `listener` called on any progress made in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def reporter(what: str, log: Callable[[str], None]) -> Progress:
    """A progress callback that logs a line with the time left every 15 seconds, and tells the listeners at once."""
    started = time.monotonic()
    last = started

    def report(done: int, total: int) -> None:
        nonlocal last
        for listener in _listeners:
            listener(what, done, total)
        now = time.monotonic()
        if now - last >= LOG_EVERY_SECONDS and done:
            last = now
            log(f"{what}: {done} of {total}, about {(now - started) / done * (total - done):.0f} s left")

    return report
