"""One writer of the index at a time: LanceDB takes two that change the same rows, and then holds them twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_assets.errors import IndexBusy
from fashion_assets.storage.object_store import is_object_store

_CONFLICT = ("concurrent", "conflict", "already exists")
"""Words in LanceDB's errors when another writer was faster."""


@contextmanager
def sole_writer(uri: str, wait_seconds: float) -> Iterator[None]:
    """Keeps other processes from writing the index at `uri`, or in an object store notices some that do.

    Dagster's pool `index` keeps the runs of one instance apart, but not those of two, or a rollback. Raises IndexBusy
    when another process is not done after `wait_seconds`, or in an object store has got in the way.
    """
    if is_object_store(uri):
        try:
            yield
        except (RuntimeError, ValueError) as error:
            if any(word in str(error) for word in _CONFLICT):
                raise _two_writers(uri) from error
            raise
        return
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
        remedy="try again when it is done",
    )
