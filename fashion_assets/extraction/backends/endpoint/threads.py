"""Requests to an endpoint side by side, in threads that can be left: neither a call nor the interpreter's exit waits
for an endpoint that hangs. (ThreadPoolExecutor's threads are waited for at exit, whatever they wait for.)

Not tasks of `openai.AsyncOpenAI`: asyncio looks names up in such an executor, so that a resolver which hung for 15 s
held the exit for 15 s, and the callers, which are threads, would need a loop in a thread made by hand all the same.

What is sent is in `requests.py`, when to stop in `connection.py`.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import TypeVar

STOP_SECONDS = 5.0
"""After a stop, requests under way get so long to bring their answers, which are paid for."""

_LOOK_SECONDS = 0.1

Item = TypeVar("Item")
Result = TypeVar("Result")


class RequestThreads:
    """Runs at most `count` functions at a time, however many threads ask for it."""

    def __init__(self, count: int):
        self._count = count
        self._free = threading.Semaphore(count)

    def results(
        self, function: Callable[[Item], Result], items: Sequence[Item], stopped: threading.Event
    ) -> list[Result | None]:
        """`function` of each item, in order; None for what was not done when `stopped` was set."""
        futures: list[Future[Result]] = [Future() for _ in items]
        coming = deque(zip(items, futures, strict=True))

        def work() -> None:
            while coming and not stopped.is_set():
                with self._free:
                    if not stopped.is_set():
                        _run_first(coming, function)

        try:
            for _ in range(min(self._count, len(items))):
                threading.Thread(target=work, name="endpoint", daemon=True).start()
            is_over = False
            while not is_over:
                done, pending = wait(futures, _LOOK_SECONDS, FIRST_EXCEPTION)
                is_over = not pending or stopped.is_set() or any(future.exception() for future in done)
        finally:
            coming.clear()
        wait([future for future in futures if future.running()], STOP_SECONDS)
        return [future.result() if future.done() else None for future in futures]


def _run_first(coming: "deque[tuple[Item, Future[Result]]]", function: Callable[[Item], Result]) -> None:
    try:
        item, future = coming.popleft()
    except IndexError:  # another thread was faster
        return
    future.set_running_or_notify_cancel()
    try:
        future.set_result(function(item))
    except BaseException as error:
        future.set_exception(error)
