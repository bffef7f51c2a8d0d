"""Tables that stay open: their log is read once and then only followed.

A batch looks some 40 times into the logs of some 15 tables, which may tell of thousands of files each.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from fashion_assets.storage.object_store import is_object_store


@dataclass(frozen=True)
class _Opened:
    """A table, and the commit that it was last seen at, by file and time of writing (none in an object store)."""

    delta: DeltaTable
    commit: str
    written_ns: int | None


class OpenTables(threading.local):
    """The tables that a thread has open, by location: they change as they are read, so no two threads share one."""

    def __init__(self) -> None:
        self._opened: dict[str, _Opened] = {}

    def open(self, location: str, storage_options: Mapping[str, str]) -> DeltaTable | None:
        """The table at `location` as it is now; None when there is none."""
        known = self._opened.pop(location, None)
        if known is not None and _written_ns(known.commit) == known.written_ns:
            delta = known.delta
            if is_object_store(location) or _written_ns(_commit(location, delta.version() + 1)) is not None:
                delta.update_incremental()
        else:  # also when a folder was deleted and perhaps filled anew: what is known says nothing of that
            try:
                delta = DeltaTable(location, storage_options=dict(storage_options))
            except TableNotFoundError:
                return None
        commit = _commit(location, delta.version())
        self._opened[location] = _Opened(delta, commit, _written_ns(commit))
        return delta


class PinnedTables:
    """Tables that stay as they were when each was first opened here, in whatever thread."""

    def __init__(self) -> None:
        self._newest = OpenTables()
        self._first_seen: dict[str, DeltaTable | None] = {}

    def open(self, location: str, storage_options: Mapping[str, str]) -> DeltaTable | None:
        """The table at `location` as it was at first; None when there was none."""
        if location not in self._first_seen:
            self._first_seen[location] = self._newest.open(location, storage_options)
        return self._first_seen[location]


def _commit(location: str, version: int) -> str:
    return f"{location}/_delta_log/{version:020}.json"


def _written_ns(commit: str) -> int | None:
    if is_object_store(commit):
        return None
    try:
        return Path(commit).stat().st_mtime_ns
    except FileNotFoundError:
        return None
