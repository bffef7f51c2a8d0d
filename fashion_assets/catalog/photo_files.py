"""The photo files below a folder, found by the paths that a product table gives.

Tables and folders are rarely made on one machine: `IMG_1.JPG` is `img_1.jpg` on disk, `Jupé.jpg` is stored decomposed,
and an export that names JPEGs comes with WebPs.
"""

import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import Lock

from fashion_assets.models.photo_formats import PHOTO_SUFFIXES

_RANKS = {suffix: rank for rank, suffix in enumerate(PHOTO_SUFFIXES)}


@dataclass(frozen=True)
class _Listing:
    """A folder's entries: real names by folded name, and photos also by folded name without suffix.

    `path` is relative to the root, with a slash at its end unless it is the root itself.
    """

    path: str = ""
    folders: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    photos: Mapping[str, str] = field(default_factory=dict)


class PhotoFiles:
    """Finds photos below `root`; a folder is listed once, and only if a path in it does not exist as written."""

    def __init__(self, root: Path):
        self.root = root
        self._listings: dict[str, _Listing] = {}
        self._lock = Lock()

    def find(self, image_path: str) -> str | None:
        """The path, relative to the root, of the file that `image_path` means but does not spell as it is.

        The same name in another case or Unicode form, otherwise with another suffix of a photo. Null if there is none.
        Of several such files, the first by name.
        """
        folder, _, name = image_path.rpartition("/")
        listing = self._listings.get(folder) or self._resolved(folder)
        if not listing.files or image_path.startswith("/"):  # an absolute path means no file below the root
            return None
        name = _folded(name)
        real = listing.files.get(name) or listing.photos.get(_stem(name))
        return None if real is None else f"{listing.path}{real}"

    def _resolved(self, folder: str) -> _Listing:
        """The listing of the folder that `folder` means, which is empty if there is none."""
        with self._lock:  # the threads of an ingest come to a folder together
            path = PurePosixPath()
            for part in PurePosixPath(folder).parts:
                real = self._listing(str(path)).folders.get(_folded(part))
                if real is None:
                    return self._listings.setdefault(folder, _Listing())
                path /= real
            return self._listings.setdefault(folder, self._listing(str(path)))

    def _listing(self, path: str) -> _Listing:
        """The listing of a folder by its real path."""
        if path not in self._listings:
            self._listings[path] = _list(self.root, path)
        return self._listings[path]


def _list(root: Path, path: str) -> _Listing:
    try:
        with os.scandir(root / path) as entries:
            are_files = {entry.name: entry.is_file() for entry in entries if entry.is_file() or entry.is_dir()}
    except (OSError, ValueError):  # no such folder, none that may be read, a name with a NUL byte
        return _Listing()
    names = {is_file: [name for name in sorted(are_files) if are_files[name] is is_file] for is_file in (True, False)}
    photos = [name for name in names[True] if _suffix(_folded(name)) in _RANKS]
    photos.sort(key=lambda name: _RANKS[_suffix(_folded(name))])
    return _Listing(
        path="" if path == "." else f"{path}/",
        folders=_first_of_each(names[False], _folded),
        files=_first_of_each(names[True], _folded),
        photos=_first_of_each(photos, lambda name: _stem(_folded(name))),
    )


def _first_of_each(names: list[str], key: Callable[[str], str]) -> dict[str, str]:
    """The first of the names that have the same key, by that key."""
    return {key(name): name for name in reversed(names)}


def _folded(name: str) -> str:
    """Equal for all spellings of a name in case and Unicode form; accents stay, as `é` and `e` are two photos."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _suffix(folded: str) -> str:
    stem, dot, suffix = folded.rpartition(".")
    return dot + suffix if stem else ""


def _stem(folded: str) -> str:
    suffix = _suffix(folded)
    return folded.removesuffix(suffix) if suffix in _RANKS else folded
