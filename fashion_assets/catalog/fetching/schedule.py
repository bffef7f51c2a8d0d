"""When which host is asked for which photo: politely, and not for ever.

No more than `per_host` requests are in flight to a host. One that asks for rest (429, or 503 with Retry-After) gets it,
and half as many requests at once until it answers again. A photo that may be had later is tried again, after waits that
double. A host that fails many times in a row is given up for this run.

Nothing here waits or sends: times are given, in seconds of any clock.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from math import inf

from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import Failure, Kind, Outcome, Task

_WIDER_BY = 0.25
"""Further requests at once, with each answer of a host that had asked for rest."""

_LONGEST_BACKOFF_SECONDS = 30.0


@dataclass
class _Host:
    name: str
    width: float
    """Requests at once."""
    in_flight: int = 0
    failures: int = 0
    """Since its last answer."""
    rests_until: float = -inf
    rests_since: float = -inf
    is_given_up: bool = False
    is_ready: bool = False
    """Is in the queue of hosts that may get a request."""
    last_number: int = -1
    page: deque[Task] = field(default_factory=deque)
    retries: list[tuple[float, int, Task]] = field(default_factory=list)
    """A heap, by time."""


class Schedule:
    """Hands out the tasks of all `hosts`; `tasks` gives some of a host, with numbers greater than the given one."""

    def __init__(self, limits: FetchLimits, hosts: Iterable[str], tasks: Callable[[str, int], list[Task]]):
        self._limits = limits
        self._tasks = tasks
        self._hosts = {name: _Host(name, limits.per_host) for name in hosts}
        self._ready: deque[_Host] = deque()
        self._waiting: list[tuple[float, int, _Host]] = []
        self._numbers = count()  # so that heaps never compare what they hold
        self._in_flight = 0
        self.given_up: dict[str, str] = {}
        """The hosts that were given up, and why."""
        self.was_answered = False
        """Whether any host has answered anything, be it that it does not have the photo."""
        for host in self._hosts.values():
            self._make_ready(host)

    def next(self, now: float) -> Task | None:
        """A task to send now; None if there is none, or none yet."""
        while self._waiting and self._waiting[0][0] <= now:
            self._make_ready(heapq.heappop(self._waiting)[2])
        while self._ready:
            host = self._ready.popleft()
            host.is_ready = False
            task = self._next_of(host, now)
            if task is not None:
                task.sent_at = now
                host.in_flight += 1
                self._in_flight += 1
                self._make_ready(host)
                return task
        return None

    def seconds_until_next(self, now: float) -> float | None:
        """When `next` is worth calling again, should nothing be settled until then; None: not before that."""
        if self._waiting:
            return max(0.0, self._waiting[0][0] - now)
        return None if self._in_flight else 0.0

    @property
    def is_over(self) -> bool:
        return not (self._ready or self._waiting or self._in_flight)

    def settle(self, task: Task, outcome: Outcome, now: float) -> bool:
        """Take note of what came of a task; returns whether that is the end of it, or it will be tried again."""
        host = self._hosts[task.host]
        host.in_flight -= 1
        self._in_flight -= 1
        self._make_ready(host)
        if not isinstance(outcome, Failure) or not outcome.kind.is_about_host:
            self.was_answered = True
            host.failures = 0
            host.width = min(self._limits.per_host, host.width + _WIDER_BY)
            return True
        if outcome.kind is Kind.BUSY:
            self._give_rest(host, task, outcome, now)
        else:
            self._count_failure(host, outcome)
        return not self._tries_again(host, task, outcome, now)

    def _next_of(self, host: _Host, now: float) -> Task | None:
        if host.is_given_up or host.in_flight >= int(host.width):
            return None
        if host.rests_until > now:
            self._wait(host, host.rests_until)
            return None
        if host.retries and host.retries[0][0] <= now:
            return heapq.heappop(host.retries)[2]
        if not host.page:
            host.page.extend(self._tasks(host.name, host.last_number))
        if host.page:
            task = host.page.popleft()
            host.last_number = task.number
            return task
        if host.retries:
            self._wait(host, host.retries[0][0])
        return None

    def _give_rest(self, host: _Host, task: Task, failure: Failure, now: float) -> None:
        if task.sent_at <= host.rests_since:  # it was under way when the host first asked for rest
            return
        self._count_failure(host, failure)
        wanted = failure.wait_seconds
        seconds = self._backoff(host.failures) if wanted is None else wanted
        if seconds > self._limits.longest_wait_seconds:
            self._give_up(host, f"{failure.problem}, to be asked again in {seconds:,.0f} s")
        host.width = max(1.0, host.width / 2)
        host.rests_since, host.rests_until = now, now + seconds

    def _count_failure(self, host: _Host, failure: Failure) -> None:
        host.failures += 1
        if host.failures >= self._limits.failures_in_a_row:
            self._give_up(host, failure.problem)

    def _give_up(self, host: _Host, reason: str) -> None:
        host.is_given_up = True
        self.given_up.setdefault(host.name, reason)
        self._waiting = [entry for entry in self._waiting if entry[2] is not host]
        heapq.heapify(self._waiting)

    def _tries_again(self, host: _Host, task: Task, failure: Failure, now: float) -> bool:
        task.tries += 1
        # A photo may meet a busy host more often than it may fail, but a host may be busy with this photo only.
        most = self._limits.tries * 2 if failure.kind is Kind.BUSY else self._limits.tries
        if host.is_given_up or failure.kind is Kind.LATER or task.tries >= most:
            return False
        rested = max(now, host.rests_until)  # then others are first, whose answers show that the host is not down
        heapq.heappush(host.retries, (rested + self._backoff(task.tries), next(self._numbers), task))
        return True

    def _backoff(self, times: int) -> float:
        seconds = min(_LONGEST_BACKOFF_SECONDS, self._limits.first_wait_seconds * 2 ** (times - 1))
        return seconds * random.uniform(0.5, 1.5)

    def _make_ready(self, host: _Host) -> None:
        if not host.is_ready:
            host.is_ready = True
            self._ready.append(host)

    def _wait(self, host: _Host, until: float) -> None:
        heapq.heappush(self._waiting, (until, next(self._numbers), host))
