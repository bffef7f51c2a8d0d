"""One writer of the index at a time: LanceDB accepts two that change the same rows, and then holds them twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_assets.errors import IndexBusy
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.places import file_system_errors

_CONFLICT = ("concurrent", "conflict", "already exists")
"""Words in LanceDB's errors when another writer was faster."""


@contextmanager
def sole_writer(uri: str, wait_seconds: float) -> Iterator[None]:
    """Keeps other processes from writing the index at `uri`; in an object store it only detects some conflicts.

    Dagster's pool `index` separates the runs of one instance, but not those of two instances, or a rollback. Raises
    IndexBusy if another process is not done after `wait_seconds`, or a conflict in an object store was detected.
    """
    if is_object_store(uri):
        try:
            yield
        except (RuntimeError, ValueError) as error:
            if any(word in str(error) for word in _CONFLICT):
                raise _two_writers(uri) from error
            raise
        return
    with file_system_errors(uri):
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{uri}.lock")
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout as error:
            raise _two_writers(uri) from error
        try:
            yield
        finally:
            lock.release()


def _two_writers(uri: str) -> IndexBusy:
    return IndexBusy(
        value=f"Another process is writing the index at '{uri}'",
        rule="only one may at a time",
        remedy="retry when it is done",
    )
