"""Fetching the photos of a catalog: only what may be new or changed, and never twice what was had."""

import threading
import time
from collections.abc import Callable, Iterable

from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.catalog.fetching.connections import Connections
from fashion_assets.catalog.fetching.hosts import Hosts, Resolve, system_addresses
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import Failure, Photo
from fashion_assets.catalog.fetching.report import FetchReport, read_report
from fashion_assets.catalog.fetching.requests import PhotoRequests
from fashion_assets.catalog.fetching.schedule import Schedule
from fashion_assets.catalog.fetching.state import forget_lost_photos, forget_problems_of_other_limits
from fashion_assets.catalog.fetching.wanted import WantedPhotos
from fashion_assets.catalog.fetching.workers import Result, Workers
from fashion_assets.orchestration.progress import Progress

DEFAULT_LIMITS = FetchLimits()

_PATIENCE_SECONDS = 1.5
"""After an interruption, for what is in flight."""


def fetch_photos(
    addresses: Iterable[str],
    cache: PhotoCache,
    limits: FetchLimits = DEFAULT_LIMITS,
    progress: Progress = lambda done, in_all: None,
    *,
    force: bool = False,
    clock: Callable[[], float] = time.time,
    resolve: Resolve = system_addresses,
) -> FetchReport:
    """Bring the cache up to date for the addresses, in whatever order and number; what fails is in the report.

    A photo is asked for again after `revalidate_after_seconds`, with a conditional request; a failure that lasts after
    `remember_seconds`; one that may pass in the next call. With `force`, everything is asked for. An earlier photo
    stays in use whatever fails, until its host says twice, `remember_seconds` apart, that there is none (404), or once
    that it is gone (410). A killed or interrupted call loses what is in flight, and the next one goes on.

    `progress` is called with the due photos done and in all; `clock` gives seconds since 1970. Raises PhotoCacheBusy if
    another process writes the cache, StorageError if it cannot be written.
    """
    with cache.writing() as connection:
        cache.files.remove_partial()
        forget_lost_photos(connection, cache.files.names())
        forget_problems_of_other_limits(connection, limits)
        wanted = WantedPhotos(connection, limits)
        wanted.add(addresses, clock(), force)
        due = wanted.due_by_host()
        schedule = Schedule(limits, due, wanted.tasks)
        received_bytes = 0
        if due:
            fetch = _Fetch(wanted, schedule, clock, lambda done: progress(done, sum(due.values())))
            received_bytes = fetch.run(cache, limits, Hosts(limits, resolve))
            wanted.give_up(schedule.given_up, clock())
        return read_report(wanted, received_bytes, schedule.given_up, schedule.was_answered)


class _Fetch:
    """The main thread's part: it hands out what is scheduled, and keeps what comes back."""

    def __init__(
        self,
        wanted: WantedPhotos,
        schedule: Schedule,
        clock: Callable[[], float],
        progress: Callable[[int], None],
    ):
        self._wanted = wanted
        self._schedule = schedule
        self._clock = clock
        self._progress = progress
        self._done = 0
        self._received_bytes = 0

    def run(self, cache: PhotoCache, limits: FetchLimits, hosts: Hosts) -> int:
        """Returns the bytes of the photos that were received."""
        stopped = threading.Event()
        connections = Connections(limits, hosts, stopped)
        workers = Workers(limits.at_once, PhotoRequests(connections, cache.files, limits).send)
        try:
            self._work(workers)
        except BaseException:
            stopped.set()
            raise
        finally:
            if workers.end(_PATIENCE_SECONDS):  # else a thread would read on from what a reused descriptor leads to
                connections.close()
            self._keep(result for result in workers.results(0) if not isinstance(result[1], Failure))
        return self._received_bytes

    def _work(self, workers: Workers) -> None:
        self._progress(0)
        while not self._schedule.is_over:
            now = time.monotonic()
            while not workers.is_busy and (task := self._schedule.next(now)):
                workers.give(task)
            results = workers.results(None if workers.is_busy else self._schedule.seconds_until_next(now))
            now = time.monotonic()
            self._keep([result for result in results if self._schedule.settle(*result, now)])
            workers.raise_error()

    def _keep(self, results: Iterable[Result]) -> None:
        final = list(results)
        if final:
            self._wanted.settle(final, self._clock())
        self._received_bytes += sum(outcome.size for _, outcome in final if isinstance(outcome, Photo))
        self._done += len(final)
        self._progress(self._done)
