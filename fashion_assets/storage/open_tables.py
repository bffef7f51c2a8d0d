"""Tables that stay open: their log is read once, then only new commits are read.

A batch needs the logs of about 15 tables about 40 times, and each may list thousands of files.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from fashion_assets.storage.last_commits import (
    commit_file,
    last_commit,
    require_absent,
    require_actions,
    require_commit,
)
from fashion_assets.storage.object_store import is_object_store


@dataclass(frozen=True)
class _Opened:
    """A table, and its latest commit when it was opened: file and modification time (None in an object store)."""

    delta: DeltaTable
    commit: str
    written_ns: int | None


class OpenTables(threading.local):
    """The tables that a thread has open, by location; not shared between threads, because reading changes them."""

    def __init__(self) -> None:
        self._opened: dict[str, _Opened] = {}

    def open(self, location: str, storage_options: Mapping[str, str]) -> DeltaTable | None:
        """The table at `location` as it is now; None if it does not exist. Raises LogDamaged if some of it is gone."""
        last = last_commit(location)  # before the log is read: others may commit meanwhile
        cached = self._opened.pop(location, None)
        if cached is not None and _written_ns(cached.commit) == cached.written_ns:
            delta = cached.delta
            if is_object_store(location) or _written_ns(_commit(location, delta.version() + 1)) is not None:
                delta.update_incremental()
        else:  # also after a folder was deleted, and perhaps filled again: the cached state is of the old table
            try:
                delta = DeltaTable(location, storage_options=dict(storage_options))
            except TableNotFoundError:
                require_absent(location, last)
                return None
            require_actions(location)
        require_commit(location, delta.version(), last)
        commit = _commit(location, delta.version())
        self._opened[location] = _Opened(delta, commit, _written_ns(commit))
        return delta


class PinnedTables:
    """Tables that stay as they were when each was first opened here, by any thread."""

    def __init__(self) -> None:
        self._newest = OpenTables()
        self._first_seen: dict[str, DeltaTable | None] = {}

    def open(self, location: str, storage_options: Mapping[str, str]) -> DeltaTable | None:
        """The table at `location` as it was when first opened; None if it did not exist then."""
        if location not in self._first_seen:
            self._first_seen[location] = self._newest.open(location, storage_options)
        return self._first_seen[location]


def _commit(location: str, version: int) -> str:
    return str(commit_file(location, version)) if not is_object_store(location) else f"{location}/{version}"


def _written_ns(commit: str) -> int | None:
    if is_object_store(commit):
        return None
    try:
        return Path(commit).stat().st_mtime_ns
    except FileNotFoundError:
        return None
