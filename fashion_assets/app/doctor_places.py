"""What a home stands on: libraries, disk, rights and locks."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from filelock import FileLock, Timeout
from packaging.requirements import Requirement

from fashion_assets.app.findings import Finding, well
from fashion_assets.settings import Settings
from fashion_assets.storage.object_store import is_object_store

LEAST_FREE_BYTES = 200 * 2**20
"""A batch of 1,000 products writes about 20 MB, and a new version of the index of 44,000 about 200."""

_PACKAGE = "fashion_assets"


def check_versions() -> Iterator[Finding]:
    """Whether the installed libraries are those that the project was tested with."""
    try:
        required = [Requirement(text) for text in requires(_PACKAGE) or []]
    except PackageNotFoundError:
        yield well("libraries", "the project is not installed, so its requirements are unknown")
        return
    wrong = []
    for requirement in required:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
        else:
            if not requirement.specifier.contains(installed, prereleases=True):
                wrong.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    if wrong:
        yield Finding("libraries", False, "; ".join(wrong), "install the project again with `pip install`")
    else:
        yield well("libraries", f"all {len(required):,} as required")


def check_places(settings: Settings) -> Iterator[Finding]:
    """Whether the folders of home, tables and index can be written, and how much room there is."""
    uris = {"home": str(settings.home.absolute()), "tables": settings.tables_uri, "index": settings.index_uri}
    folders = {name: _nearest(Path(uri)) for name, uri in uris.items() if not is_object_store(uri)}
    for folder in dict.fromkeys(folders.values()):
        what = f"disk of {', '.join(name for name, place in folders.items() if place == folder)}"
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
                file.write(b"?")
        except OSError as error:
            remedy = "make it writable for this user, or free some space"
            yield Finding(what, False, f"'{folder}' cannot be written ({error.strerror})", remedy)
            continue
        free = shutil.disk_usage(folder).free
        if free < LEAST_FREE_BYTES:
            yield Finding(what, False, f"'{folder}' has only {free / 1e6:,.0f} MB left", "free some space")
        else:
            yield well(what, f"{free / 1e9:,.1f} GB free in {folder}")


def check_locks(settings: Settings) -> Iterator[Finding]:
    """Which locks are held. A lock ends with its process, so that one that is held is never a stale one."""
    names = (settings.home.absolute() / "pipeline.lock", settings.alerts_lock, Path(f"{settings.index_uri}.lock"))
    files = [name for name in names if name.is_file()]
    held = [file.name for file in files if not is_free(file)]
    if held:
        yield well("locks", f"{', '.join(held)} held by a running process")
    else:
        yield well("locks", "none is held")


def is_free(file: Path) -> bool:
    """Whether no process holds the lock; also where this user may not write it."""
    if not os.access(file, os.W_OK):
        return True
    try:
        with FileLock(file, timeout=0):
            return True
    except Timeout:
        return False


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())
