from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.catalog.fetching.fetch import fetch_photos
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.report import FetchReport
from fashion_assets_tests.fakes.photo_server import PhotoServer, serving

LIMITS = FetchLimits(
    largest_bytes=1_000_000,
    first_wait_seconds=0.01,
    longest_wait_seconds=5,
    private_hosts=frozenset({"127.0.0.1", "localhost"}),
)
"""With waits for people who run tests, and loopback allowed."""


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with serving(PhotoServer()) as server:
        yield server


@pytest.fixture
def cache(tmp_path) -> PhotoCache:
    return PhotoCache(tmp_path / "photos")


class Shop:
    """Fetches into a cache, at a time that can be moved on."""

    def __init__(self, cache: PhotoCache):
        self.cache = cache
        self.now = 1_800_000_000.0

    def fetch(self, addresses: list[str], hours_later: float = 0, force: bool = False, **more) -> FetchReport:
        """After so many hours; `more` are limits, and `resolve` and `progress`."""
        self.now += hours_later * 3600
        given = {name: more.pop(name) for name in ("resolve", "progress") if name in more}
        limits = replace(LIMITS, **more)
        return fetch_photos(addresses, self.cache, limits, clock=lambda: self.now, force=force, **given)

    def content(self, address: str) -> bytes | None:
        """The photo in use."""
        sha256 = self.cache.look_up([address])["sha256"].item()
        return None if sha256 is None else self.cache.file(sha256).read_bytes()

    def problem(self, address: str) -> str | None:
        return self.cache.look_up([address])["problem"].item()


@pytest.fixture
def shop(cache) -> Shop:
    return Shop(cache)


@pytest.fixture
def resolver() -> Callable[[dict[str, str]], Callable[[str, int], list[str]]]:
    """A resolver that knows only the given names, and reads IP addresses."""

    def resolver(names: dict[str, str]) -> Callable[[str, int], list[str]]:
        def resolve(host: str, port: int) -> list[str]:
            if host.replace(".", "").isdecimal() or ":" in host:
                return [host]
            if host not in names:
                raise OSError(f"{host} is nobody")
            return names[host].split()

        return resolve

    return resolver
