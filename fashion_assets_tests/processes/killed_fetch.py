"""A process that fetches photos, to be killed or interrupted; see `test_kill.py` of the fetch.

The process that all others are forked from loads this module and nothing else, so its imports are all they need.
"""

import signal
from collections.abc import Sequence
from pathlib import Path

from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.catalog.fetching.fetch import fetch_photos
from fashion_assets.catalog.fetching.limits import FetchLimits

LIMITS = FetchLimits(
    per_host=8,
    largest_bytes=1_000_000,
    seconds_per_photo=20,
    first_wait_seconds=0.01,
    private_hosts=frozenset({"127.0.0.1"}),
)


def fetch(folder: Path, addresses: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the process that it was forked from ignores the signal
    try:
        fetch_photos(addresses, PhotoCache(folder), LIMITS)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
