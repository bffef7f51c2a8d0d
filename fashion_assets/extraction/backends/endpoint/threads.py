"""Concurrent requests to an endpoint, in threads that can be abandoned: neither a call nor the interpreter's exit waits
for an endpoint that hangs. (At exit, the interpreter waits for the threads of a ThreadPoolExecutor in any case.)

Not `openai.AsyncOpenAI`: asyncio resolves names in such an executor, so that a resolver that hung for 15 s delayed the
exit by 15 s, and the callers, which are threads, would still need a loop in a thread of its own.

Sending is in `requests.py`, when to stop in `connection.py`.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import TypeVar

STOP_SECONDS = 5.0
"""After a stop, running requests have this long to return their answers, which are paid for."""

_POLL_SECONDS = 0.1

Item = TypeVar("Item")
Result = TypeVar("Result")


class RequestThreads:
    """Runs at most `count` functions at a time, however many threads call it."""

    def __init__(self, count: int):
        self._count = count
        self._free = threading.Semaphore(count)

    def results(
        self, function: Callable[[Item], Result], items: Sequence[Item], stopped: threading.Event
    ) -> list[Result | None]:
        """`function` of each item, in order; None for items that were not done when `stopped` was set."""
        futures: list[Future[Result]] = [Future() for _ in items]
        remaining = deque(zip(items, futures, strict=True))

        def work() -> None:
            while remaining and not stopped.is_set():
                with self._free:
                    if not stopped.is_set():
                        _run_first(remaining, function)

        try:
            for _ in range(min(self._count, len(items))):
                threading.Thread(target=work, name="endpoint", daemon=True).start()
            is_over = False
            while not is_over:
                done, pending = wait(futures, _POLL_SECONDS, FIRST_EXCEPTION)
                is_over = not pending or stopped.is_set() or any(future.exception() for future in done)
        finally:
            remaining.clear()
        wait([future for future in futures if future.running()], STOP_SECONDS)
        return [future.result() if future.done() else None for future in futures]


def _run_first(remaining: "deque[tuple[Item, Future[Result]]]", function: Callable[[Item], Result]) -> None:
    try:
        item, future = remaining.popleft()
    except IndexError:  # another thread was faster
        return
    future.set_running_or_notify_cancel()
    try:
        future.set_result(function(item))
    except BaseException as error:
        future.set_exception(error)
