"""What is remembered of every address, in SQLite: a process that is killed loses at most what was in flight.

One connection writes, under the cache's lock; others may read meanwhile. What a run wants is in `wanted.py`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import Failure, Kind, Outcome, Photo, Task, Unchanged
from fashion_assets.errors import StorageError

_VERSION = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS photos (
    address TEXT PRIMARY KEY,
    sha256 TEXT,          -- of the photo in use
    etag TEXT,
    modified TEXT,
    answered_by TEXT,
    fetched_at REAL,      -- times are seconds since 1970
    checked_at REAL,      -- when it was fetched, or last said to be unchanged
    kind TEXT,            -- of the problem, which is kept beside an earlier photo only if it lasts
    problem TEXT,
    problem_at REAL,
    missing_since REAL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS limits (text TEXT);
PRAGMA user_version = {_VERSION};
"""
_NO_PHOTO = "sha256 = NULL, etag = NULL, modified = NULL, answered_by = NULL, fetched_at = NULL, checked_at = NULL"
_NO_PROBLEM = "kind = NULL, problem = NULL, problem_at = NULL, missing_since = NULL"
_READ_AT_ONCE = 10_000

Row = tuple[str, str | None, str | None, float | None, float | None]
"""An address, the SHA-256 of its photo, its problem, and when the photo was fetched and checked."""


def connect(file: Path) -> sqlite3.Connection:
    """The state in `file`, made if it is not there; raises StorageError if it cannot be used."""
    try:
        connection = sqlite3.connect(file, timeout=30, isolation_level=None)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last rows, a kill none
    except sqlite3.Error as error:
        raise StorageError(
            value=f"'{file}' cannot be read ({error})",
            rule="it says which photo came from which address",
            remedy="remove it, and the photos are fetched again",
        ) from error
    if version > _VERSION:
        connection.close()
        raise StorageError(
            value=f"'{file}' was written by a later version of this project",
            rule=f"this version reads form {_VERSION}, not {version}",
            remedy="update the project, or remove the file, and the photos are fetched again",
        )
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that the block writes, or nothing; raises StorageError if it cannot be written."""
    try:
        connection.execute("BEGIN")
        yield
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StorageError(
            value=f"The state of the photo cache cannot be written ({error})",
            rule="it says which photo came from which address",
            remedy="free some space; what is there already is kept",
        ) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def read_states(connection: sqlite3.Connection, addresses: Sequence[str]) -> Iterator[Row]:
    """The state of each address, in order; nothing but None for one that was never asked for."""
    query = """
        SELECT wanted.value, sha256, problem, fetched_at, checked_at
        FROM json_each(?) AS wanted LEFT JOIN photos ON photos.address = wanted.value ORDER BY wanted.key
    """
    for start in range(0, len(addresses), _READ_AT_ONCE):
        yield from connection.execute(query, (json.dumps(addresses[start : start + _READ_AT_ONCE]),))


def forget_lost_photos(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Forget the photos whose files are gone; `names` has the hashes of those that are there."""
    with transaction(connection):
        connection.execute("CREATE TEMP TABLE files (sha256 TEXT PRIMARY KEY) WITHOUT ROWID")
        connection.executemany("INSERT OR IGNORE INTO files VALUES (?)", ((name,) for name in names))
        is_lost = "sha256 IS NOT NULL AND sha256 NOT IN (SELECT sha256 FROM files)"
        connection.execute(f"UPDATE photos SET {_NO_PHOTO} WHERE {is_lost}")
        connection.execute("DROP TABLE files")


def forget_problems_of_other_limits(connection: sqlite3.Connection, limits: FetchLimits) -> None:
    """Forget the problems that were due to limits, if other ones hold now."""
    deciding = (sorted(limits.allowed_hosts), sorted(limits.private_hosts), limits.largest_bytes)
    text = json.dumps(deciding)
    if connection.execute("SELECT text FROM limits").fetchone() == (text,):
        return
    with transaction(connection):
        connection.execute("DELETE FROM limits")
        connection.execute("INSERT INTO limits VALUES (?)", (text,))
        connection.execute(f"UPDATE photos SET {_NO_PROBLEM} WHERE kind = '{Kind.LIMITED}'")


def record(connection: sqlite3.Connection, task: Task, outcome: Outcome, now: float, remember_seconds: float) -> None:
    """Write what came of a task at the time `now`; the caller commits."""
    if isinstance(outcome, Photo):
        _record_photo(connection, task, outcome, now)
    elif isinstance(outcome, Unchanged):
        connection.execute(
            "UPDATE photos SET checked_at = ?, etag = coalesce(?, etag), modified = coalesce(?, modified),"
            f" {_NO_PROBLEM} WHERE address = ?",
            (now, outcome.validators.etag, outcome.validators.modified, task.address),
        )
    else:
        _record_failure(connection, task, outcome, now, remember_seconds)


def _record_photo(connection: sqlite3.Connection, task: Task, photo: Photo, now: float) -> None:
    validators = photo.validators
    connection.execute(
        "INSERT OR REPLACE INTO photos (address, sha256, etag, modified, answered_by, fetched_at, checked_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (task.address, photo.sha256, validators.etag, validators.modified, validators.answered_by, now, now),
    )


def _record_failure(
    connection: sqlite3.Connection, task: Task, failure: Failure, now: float, remember_seconds: float
) -> None:
    """An earlier photo stays, and a failure that may pass is not even noted beside it: nothing has changed.

    A photo that the shop took away (410) leaves at once; one that is missing (404) when that is said again after
    `remember_seconds`: until then it may be a fault.
    """
    if task.sha256 is not None and not failure.kind.is_remembered:
        return
    missing_since = (task.missing_since or now) if failure.kind is Kind.MISSING else None
    connection.execute(
        "INSERT INTO photos (address, kind, problem, problem_at, missing_since) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (address) DO UPDATE SET kind = excluded.kind, problem = excluded.problem,"
        " problem_at = excluded.problem_at, missing_since = excluded.missing_since",
        (task.address, failure.kind, failure.problem, now, missing_since),
    )
    is_missing_for_long = missing_since is not None and now - missing_since >= remember_seconds
    if failure.kind is Kind.WITHDRAWN or is_missing_for_long:
        connection.execute(f"UPDATE photos SET {_NO_PHOTO} WHERE address = ?", (task.address,))
