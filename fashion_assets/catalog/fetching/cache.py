"""The cache of fetched photos: files by content, and the state of every address."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from fashion_assets.catalog.fetching.addresses import read_address
from fashion_assets.catalog.fetching.files import ContentFiles
from fashion_assets.catalog.fetching.state import Row, connect, read_states
from fashion_assets.errors import PhotoCacheBusy
from fashion_assets.storage.set_aside import set_aside
from fashion_assets.storage.table import UTC_TIME

_STATE_FILE = "addresses.sqlite"
_LOCK_FILE = "photos.lock"
_TIMES = ("fetched_at", "checked_at")


class PhotoCache:
    """The cache in `folder`, which is made when something is fetched. Reading it needs no lock."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files = ContentFiles(folder)

    def file(self, sha256: str) -> Path:
        """Where the photo with this content is."""
        return self.files.path(sha256)

    def look_up(self, addresses: Iterable[str]) -> pl.DataFrame:
        """A row for each address, in order: address (as given), sha256, problem, fetched_at, checked_at (UTC).

        `sha256` is the photo to use, null if there is none; both it and `problem` are null for an address that was
        never asked for, neither is for an earlier photo that was kept although the host has it no longer. Raises
        StorageError if the state cannot be read.
        """
        given = list(addresses)
        usable = [read_address(text) for text in given]
        states = iter(self._states([address.text for address in usable if not address.problem]))
        rows = [
            (text, None, address.problem, None, None) if address.problem else (text, *next(states)[1:])
            for text, address in zip(given, usable, strict=True)
        ]
        schema = {"address": pl.String, "sha256": pl.String, "problem": pl.String, **dict.fromkeys(_TIMES, pl.Float64)}
        frame = pl.DataFrame(rows, schema, orient="row")
        return frame.with_columns(((pl.col(_TIMES) * 1e6).round().cast(pl.Int64)).cast(UTC_TIME))

    def size(self) -> int:
        """Of all photos, in bytes."""
        return self.files.size()

    def damaged(self) -> Iterator[Path]:
        """The state if it is damaged, and each photo whose content is not that of its name."""
        state = self.folder / _STATE_FILE
        if state.is_file() and not _is_sound(state):
            yield state
        for sha256 in list(self.files.names()):
            with self.file(sha256).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    yield self.file(sha256)

    def set_damaged_aside(self, folder: Path) -> list[tuple[Path, Path]]:
        """Rename what is damaged into `folder`; returns old and new places. Nobody may write the cache meanwhile."""
        return [(file, set_aside(file, self.folder.parent, folder)) for file in list(self.damaged())]

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The state, to be written by this process alone; raises PhotoCacheBusy if another one does so."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / _LOCK_FILE)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise PhotoCacheBusy(
                value=f"Another process is fetching photos into '{self.folder}'",
                rule="only one may at a time",
                remedy="retry when it is done",
            ) from error
        try:
            with closing(connect(self.folder / _STATE_FILE)) as connection:
                yield connection
        finally:
            lock.release()

    def _states(self, addresses: list[str]) -> Iterator[Row]:
        file = self.folder / _STATE_FILE
        if not file.exists():
            yield from ((address, None, None, None, None) for address in addresses)
            return
        with closing(connect(file)) as connection:
            yield from read_states(connection, addresses)


def _is_sound(state: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{state.as_uri()}?mode=ro", uri=True)) as database:
            return database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        return "locked" in str(error)
