"""A whole catalog with faults: killed in the middle it goes on, and what it has is whole."""

import hashlib
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.catalog.fetching.fetch import fetch_photos
from fashion_assets_tests.fakes.photo_server import PhotoServer, photo, serving
from fashion_assets_tests.processes.killed_fetch import LIMITS, fetch

GOOD = ("photo", "modified", "plain", "chunked", "gzip", "redirect", "slow")
PASSING = ("once_error", "once_reset", "once_cut", "once_busy")
BAD = {
    "404": "404 Not Found",
    "html": "not a photo (image/jpeg)",
    "endless": "more than 1 MB",
    "loop": "more than 5 redirects",
    "to_private": "an address of a private network",
    "500": "500 Internal Server Error",
}
PATIENCE_SECONDS = 120
FEW = 10


def catalog(server: PhotoServer, count: int) -> dict[str, bytes | None]:
    """Addresses of every kind, one in ten with a fault that passes, one in ten with one that does not; with photos."""
    addresses = {}
    for number in range(count):
        place = number % 20
        if place in (3, 13):
            kind = PASSING[number // 10 % len(PASSING)]
        elif place in (7, 17):
            kind = list(BAD)[number // 10 % len(BAD)]
        else:
            kind = GOOD[number % len(GOOD)]
        addresses[server.address(kind, number)] = None if kind in BAD else photo(number)
    return addresses


@pytest.fixture(scope="module")
def processes():
    """A context whose processes start in milliseconds: forked from one that has loaded the project and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fashion_assets_tests.processes.killed_fetch"])
    return context


def stop(processes, server: PhotoServer, folder: Path, addresses: list[str], after: int, how: signal.Signals) -> int:
    """Run a process until it has sent so many requests or a few more, and signal it; returns its exit code."""
    process = processes.Process(target=fetch, args=(folder, addresses))
    before, deadline = len(server.requests), time.monotonic() + PATIENCE_SECONDS
    server.hold_after = before + after + FEW  # the signal may be late on a busy machine
    process.start()
    while process.is_alive() and len(server.requests) < before + after and time.monotonic() < deadline:
        time.sleep(0.002)
    if process.is_alive():
        os.kill(process.pid, how)
    process.join(PATIENCE_SECONDS)
    server.go_on()
    return process.exitcode


def files_of(cache: PhotoCache) -> set[str]:
    """The hashes of all complete files; each is that of its content."""
    files = [file for file in cache.folder.glob("??/*") if file.is_file()]
    for file in files:
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name
    return {file.name for file in files}


@pytest.mark.long_form
def test_killed_again_and_again_it_loses_only_what_was_in_flight(tmp_path, processes, is_long):
    count, kills = (2_000, 8) if is_long else (60, 2)
    chance = random.Random(0)
    cache = PhotoCache(tmp_path / "photos")
    with serving(PhotoServer(seconds=0.01)) as server:
        wanted = catalog(server, count)
        addresses = list(wanted)
        had = 0
        for _ in range(kills):
            after = chance.randint(1, count // kills // 2)
            assert stop(processes, server, cache.folder, addresses, after, signal.SIGKILL) == -signal.SIGKILL
            states = cache.look_up(addresses)
            assert set(states["sha256"].drop_nulls()) <= files_of(cache)
            assert states["sha256"].count() >= had
            had = states["sha256"].count()
        requests_before_the_last = len(server.requests)

        report = fetch_photos(addresses, cache, LIMITS)
        good = {address for address, content in wanted.items() if content is not None}
        assert report.wanted == count
        assert report.fetched + report.fresh + report.revalidated == len(good)
        assert report.without_photo == count - len(good)
        assert report.fresh >= had
        assert Counter(problem.reason for problem in report.failed).keys() == set(BAD.values())
        states = dict(cache.look_up(addresses).select("address", "sha256").iter_rows())
        for address, content in wanted.items():
            assert states[address] == (None if content is None else hashlib.sha256(content).hexdigest())
        assert files_of(cache) >= {sha256 for sha256 in states.values() if sha256}
        assert list((cache.folder / "partial").iterdir()) == []

        # What was had is asked for once, but for what was in flight at a kill; then all are fresh or remembered.
        asked = Counter(path for path in server.paths() if path.startswith(("/modified/", "/plain/", "/chunked/")))
        assert asked.total() <= len(asked) + kills * LIMITS.per_host
        assert requests_before_the_last > had

        server.requests.clear()
        again = fetch_photos(addresses, cache, LIMITS, clock=lambda: time.time() + 7_200)
        assert (again.fetched, again.revalidated) == (0, len(good))
        unconditional = [request.path for request in server.requests if not request.is_conditional]
        assert {path.split("/")[1] for path in unconditional} <= {"redirect", "500"}  # a hop, and what was never had
    before = cache.look_up(addresses)
    offline = fetch_photos(addresses, cache, LIMITS, clock=lambda: time.time() + 14_400)
    assert offline.is_offline
    assert offline.with_earlier_photo == len(good)
    after = cache.look_up(addresses)
    assert after.drop("problem").equals(before.drop("problem"))


def test_an_interruption_ends_it_soon_and_keeps_what_is_there(tmp_path, processes):
    cache = PhotoCache(tmp_path / "photos")
    with serving(PhotoServer()) as server:
        addresses = [server.address("photo", number) for number in range(10)]
        addresses += [server.address("drip", number) for number in range(4)]
        addresses += [server.address("silence", number) for number in range(4)]
        process = processes.Process(target=fetch, args=(cache.folder, addresses))
        process.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sum(path.startswith(("/drip", "/silence")) for path in server.paths()) < 8:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        interrupted = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == 130
        assert time.monotonic() - interrupted < 5
        states = cache.look_up(addresses)
        assert states["sha256"].count() == 10
        assert states["problem"].null_count() == len(addresses)
        with cache.writing():
            pass  # the lock is free
