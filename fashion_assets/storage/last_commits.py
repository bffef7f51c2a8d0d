"""The last commit of each table, recorded beside the tables.

A log without its last entry, or a table without its folder, looks like an older or a new table: nothing in it shows
that something is missing. This record does. It is written after the commit, so it may be behind, never ahead.
"""

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.storage.object_store import is_object_store

_FOLDER = "_last_commits"

_ACTIONS = tuple(
    f'{{"{name}"'.encode()
    for name in ("commitInfo", "add", "remove", "metaData", "protocol", "cdc", "txn", "domainMetadata", "sidecar")
)
"""How a line of a log begins (the actions of Delta's protocol)."""
_LONGEST_ACTION = 64


@dataclass(frozen=True)
class LastCommit:
    """The version of a commit, and the size of its file."""

    version: int
    bytes: int


class LogDamaged(Exception):
    """A table's log has lost something, although it can be read; it never leaves this package: `examine` says what."""


def commit_file(location: str, version: int) -> Path:
    """The log entry of this version of the table at `location`, a folder."""
    return Path(location, "_delta_log", f"{version:020}.json")


def last_commit(location: str) -> LastCommit | None:
    """What is recorded of the table at `location`; None for one of which nothing is, and in an object store."""
    if is_object_store(location):
        return None
    try:
        recorded = json.loads(_record_of(location).read_bytes())
        return LastCommit(int(recorded["version"]), int(recorded["bytes"]))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):  # none yet, or damaged itself
        return None


def record_commit(location: str, version: int) -> None:
    """Record that `version` of the table in the folder `location` was committed, unless a later one is recorded."""
    known, file = last_commit(location), commit_file(location, version)
    if (known is not None and known.version >= version) or not file.is_file():
        return
    record = _record_of(location)
    record.parent.mkdir(exist_ok=True)
    unfinished = record.with_name(f".{record.name}.{os.getpid()}.{threading.get_ident()}")
    unfinished.write_text(json.dumps({"version": version, "bytes": file.stat().st_size}), encoding="utf-8")
    unfinished.replace(record)


def forget_commits(location: str) -> None:
    """Forget what is recorded of a table that was set aside."""
    _record_of(location).unlink(missing_ok=True)


def require_commit(location: str, version: int, last: LastCommit | None) -> None:
    """Raise LogDamaged if a table of this `version` lacks the commit that was the `last` one before it was opened."""
    if last is None or version > last.version:
        return
    file = commit_file(location, version)
    if version < last.version or (file.is_file() and file.stat().st_size != last.bytes):
        raise LogDamaged


def require_actions(location: str) -> None:
    """Raise LogDamaged if a log entry that counts begins with no action, which Delta Lake reads as a commit of nothing.

    Those before the newest checkpoint do not count.
    """
    if is_object_store(location):
        return
    names = [path.name for path in Path(location, "_delta_log").iterdir()]
    start = max((name.partition(".")[0] for name in names if name.endswith(".checkpoint.parquet")), default="")
    for name in names:
        if name.endswith(".json") and name[:20].isdecimal() and name[:20] > start:
            with Path(location, "_delta_log", name).open("rb") as entry:
                if not entry.read(_LONGEST_ACTION).lstrip().startswith(_ACTIONS):
                    raise LogDamaged


def require_absent(location: str, last: LastCommit | None) -> None:
    """Raise LogDamaged if a table that Delta Lake does not find was there before, or has data files."""
    if last is not None or (not is_object_store(location) and any(Path(location).rglob("*.parquet"))):
        raise LogDamaged


def _record_of(location: str) -> Path:
    return Path(location).parent / _FOLDER / Path(location).name
