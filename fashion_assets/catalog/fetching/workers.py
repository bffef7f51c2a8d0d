"""Threads that send what the main thread gives them; it alone decides, counts and writes the state.

Threads and not an event loop: a photo's time is mostly waiting, hashing and writing, all of which let other threads
run, and at its exit an event loop would wait for names that are being resolved.
"""

import queue
import threading
import time
from collections.abc import Callable

from fashion_assets.catalog.fetching.outcomes import Outcome, Task

Result = tuple[Task, Outcome]


class Workers:
    """`count` threads, which neither a return nor the interpreter's exit waits for."""

    def __init__(self, count: int, send: Callable[[Task], Outcome]):
        self._count = count
        self._send = send
        self._in_flight = 0
        self._error: BaseException | None = None
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[Task, Outcome | BaseException]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name="photos", daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether every thread has something to do."""
        return self._in_flight >= self._count

    def give(self, task: Task) -> None:
        self._in_flight += 1
        self._tasks.put(task)

    def results(self, wait_seconds: float | None) -> list[Result]:
        """All results since the last call; waits for the first of them."""
        results = []
        try:
            self._take(self._results.get(timeout=wait_seconds), results)
            while True:
                self._take(self._results.get_nowait(), results)
        except queue.Empty:
            return results

    def raise_error(self) -> None:
        """Raise the first error of a thread, if there was one."""
        if self._error is not None:
            raise self._error

    def end(self, patience_seconds: float) -> bool:
        """Have the threads end; returns whether all did."""
        for _ in self._threads:
            self._tasks.put(None)
        until = time.monotonic() + patience_seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _take(self, result: tuple[Task, Outcome | BaseException], results: list[Result]) -> None:
        task, outcome = result
        self._in_flight -= 1
        if isinstance(outcome, BaseException):
            self._error = self._error or outcome
        else:
            results.append((task, outcome))

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                outcome = self._send(task)
            except BaseException as error:  # raised by `raise_error`
                outcome = error
            self._results.put((task, outcome))
