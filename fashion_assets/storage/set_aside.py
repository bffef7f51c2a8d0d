"""Moving what is damaged out of the way: it is renamed into `damaged/TIME` beside what it is part of, never deleted."""

from datetime import datetime
from pathlib import Path

from fashion_assets.storage.places import file_system_errors

DAMAGED = "damaged"


def damaged_folder(uri: str, now: datetime) -> Path:
    """Where to put what is damaged at `now` (UTC) of the tables, or the index, in the folder `uri`."""
    return Path(uri).parent / DAMAGED / f"{now:%Y-%m-%dT%H-%M-%S.%fZ}"


def set_aside(path: Path, root: Path, folder: Path) -> Path:
    """Rename `path` to the same place below `folder` as it has below `root`; returns its new path.

    Raises StorageError where the file system refuses it.
    """
    kept = folder / path.relative_to(root)
    with file_system_errors(str(kept)):
        kept.parent.mkdir(parents=True, exist_ok=True)
        path.rename(kept)
    return kept
