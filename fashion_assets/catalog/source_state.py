"""Whether a source may have changed: by times and sizes of files, never by their content."""

import os
from collections.abc import Iterator
from pathlib import Path

from fashion_assets.errors import SourceError
from fashion_assets.storage.hashing import hash_text


def source_state(source: Path, photos_root: Path) -> str:
    """A hash that changes when the product table, or any photo below `photos_root`, is written, added or removed.

    The table is a file, a Delta table's folder, of which the log is used, or a folder of Parquet files. Only names,
    sizes and times are hashed, so a change that keeps all three is not detected. Raises SourceError if the table does
    not exist.
    """
    log = source / "_delta_log"
    if log.is_dir():
        table = max((entry.name for entry in os.scandir(log) if entry.name.endswith(".json")), default="")
    elif source.is_file():
        table = _stamp(source.stat())
    elif source.is_dir():
        table = "\n".join(sorted(f"{entry.path}:{_stamp(entry.stat())}" for entry in _files(source)))
    else:
        raise SourceError(
            value=f"The source '{source}' does not exist",
            rule="it must be a CSV or Parquet file or a Delta table",
            remedy="set FASHION_SOURCE to one",
        )
    photos = sorted(f"{entry.path}:{_stamp(entry.stat())}" for entry in _files(photos_root))
    return hash_text("\n".join([str(source), table, *photos]))


def _files(folder: Path | str) -> Iterator[os.DirEntry]:
    if not Path(folder).is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                yield entry


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns}:{status.st_size}"
