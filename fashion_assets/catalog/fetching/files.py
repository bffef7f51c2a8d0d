"""Files named by the SHA-256 of their content: complete or not there, whenever the process or the machine stops."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from fashion_assets.errors import StorageError, StorageUnwritable
from fashion_assets.storage.places import is_unwritable

_PARTIAL = "partial"
"""The folder of files that are being written; on the same file system, so that they can be renamed."""


class ContentFiles:
    """The files below `folder`, each in a subfolder named by the first two digits of its hash."""

    def __init__(self, folder: Path):
        self._folder = folder

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def write(self, parts: Iterable[bytes], check: Callable[[Path], None] | None = None) -> tuple[str, int]:
        """Write a file; returns its SHA-256 and its size in bytes.

        `check` gets the complete file before it has its name. What it or `parts` raises leaves no file; only
        StorageError is raised for the file system, so `parts` must raise no OSError.
        """
        partial = self._folder / _PARTIAL / uuid4().hex
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            sha256, size = _write_synced(partial, parts)
            if check is not None:
                check(partial)
            path = self.path(sha256)
            path.parent.mkdir(exist_ok=True)
            partial.replace(path)
        except OSError as error:
            error_class = StorageUnwritable if is_unwritable(error) else StorageError
            raise error_class(
                value=f"The photo cache '{self._folder}' cannot be written ({error.strerror or error})",
                rule="fetched photos are kept there",
                remedy="free some space or correct its rights; what is there already is kept",
            ) from error
        finally:
            with suppress(OSError):  # else the next run removes it
                partial.unlink(missing_ok=True)
        return sha256, size

    def remove_partial(self) -> None:
        """Remove what killed processes left; nothing may be written meanwhile."""
        for file in _entries(self._folder / _PARTIAL):
            Path(file).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The hashes of all complete files."""
        return (file.name for file in self._files())

    def size(self) -> int:
        """Of all complete files, in bytes."""
        return sum(file.stat().st_size for file in self._files())

    def _files(self) -> Iterator[os.DirEntry]:
        for shard in _entries(self._folder):
            if len(shard.name) == 2 and shard.is_dir():
                yield from _entries(Path(shard))


def _write_synced(path: Path, parts: Iterable[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for part in parts:
            digest.update(part)
            size += file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _entries(folder: Path) -> Iterator[os.DirEntry]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries
