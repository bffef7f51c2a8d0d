"""Places on this machine: which folders a library can use, and what the file system refuses, each as one sentence.

Libraries turn the path of a folder into an address or a pattern, which some characters do not survive: the library then
fails, or uses another folder. What a library cannot use is declared next to it as a `PathRule`.
"""

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.errors import FashionError, SettingsError, StorageError, StorageUnwritable

LONGEST_PATH = (1024 if sys.platform == "darwin" else 4096) - 256
"""Bytes of a folder's path that leave room for the names below it: the longest, of a change file, has about 160."""

ESCAPE = "%[0-9A-Fa-f]{2}"
"""A regular expression for what libraries decode as a character when they read a path as an address, such as `%20`."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_IN_THE_WAY = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ELOOP}
_QUOTED = re.compile(r"(?:\(os error |\[Errno |Os \{ code: )(\d+)")
"""How libraries in Rust, and stored texts of Python's exceptions, quote an error of the operating system."""
_QUOTED_BY_SQLITE = {"database or disk is full": errno.ENOSPC, "attempt to write a readonly database": errno.EROFS}
_QUOTED_PLACE = re.compile(r"'(/[^'\n]+)'")


@dataclass(frozen=True)
class PathRule:
    """What a library cannot have in a path: what matches `unusable`, and more bytes than `longest`.

    `need` is as "Delta Lake cannot keep tables in a folder"; `unusable_in_words` follows "a path that has no".
    """

    need: str
    unusable: re.Pattern[str]
    unusable_in_words: str
    longest: int = LONGEST_PATH


DELTA_TABLES = PathRule(
    need="Delta Lake cannot keep tables in a folder",
    unusable=re.compile(rf"[][|^\\\x00-\x1f\x7f\ud800-\udfff]|{ESCAPE}"),
    unusable_in_words="bracket, |, ^, backslash, control or non-Unicode character, and no escape such as %20",
)
"""Tried with deltalake 1.6: it makes an address of the path, without symbolic links, and reads that as a path again."""


def require_usable(setting: str, named: str, path: str, rule: PathRule) -> None:
    """Raise SettingsError if `rule` does not allow `path`, which follows from a `setting` that is `named`."""
    size = len(os.fsencode(path))
    if match := rule.unusable.search(path):
        problem, remedy = f"has {match[0]!r}", f"to a folder whose path has no {rule.unusable_in_words}"
    elif size > rule.longest:
        problem, remedy = f"has {size:,} bytes, more than {rule.longest:,}", "to a folder with a shorter path"
    else:
        return
    raise SettingsError(
        value=f"{setting} is {named!r}", rule=f"{rule.need} whose path {problem}", remedy=f"set {setting} {remedy}"
    )


def refused_by_file_system(error: Exception, place: str) -> StorageError | None:
    """What the operating system refused at `place`, or at the file that the error names; None for another error."""
    number, named = _number(error), str(getattr(error, "filename", None) or place)
    if number is None:
        return None
    value = f"{named!r} cannot be used ({os.strerror(number)}{_free_in_words(named) if number in _FULL else ''})"
    if number in _FULL:
        rule, remedy = "what is computed is stored there", "free some space, and run the command again"
        return StorageUnwritable(value=value, rule=rule, remedy=remedy)
    if number in _FORBIDDEN:
        rule, remedy = "this user must be able to write there", "change its permissions, or choose another folder"
        return StorageUnwritable(value=value, rule=rule, remedy=remedy)
    if number in _IN_THE_WAY:
        rule, remedy = "it must be a folder", "move away the file in its place, or choose another folder"
    elif number == errno.ENAMETOOLONG:
        rule, remedy = "the file system allows no such name", "choose a shorter path"
    else:
        return None
    return StorageError(value=value, rule=rule, remedy=remedy)


def refused_in_text(text: str) -> StorageError | None:
    """What the operating system refused, from the stored text of an exception; None for the text of another one."""
    place = _QUOTED_PLACE.search(text)
    return refused_by_file_system(Exception(text), place[1] if place else "a place that is written")


def is_unwritable(error: OSError) -> bool:
    """Whether there is no room, or this user may not write."""
    return error.errno in _FULL | _FORBIDDEN


def is_about_space(error: OSError) -> bool:
    """Whether the error says that there is no room, or that the file system is read-only, wherever that was."""
    return error.errno in {*_FULL, errno.EROFS}


def _number(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    text = str(error)
    if quoted := _QUOTED.search(text):
        return int(quoted[1])
    return next((number for words, number in _QUOTED_BY_SQLITE.items() if words in text), None)


def _free_in_words(named: str) -> str:
    """How much room is left where `named` is, as `; 1.2 MB free`; nothing if that cannot be found out."""
    folder = next((path for path in (Path(named), *Path(named).parents) if path.is_dir()), None)
    if folder is None or not folder.is_absolute():
        return ""
    return f"; {shutil.disk_usage(folder).free / 1e6:,.1f} MB free"


@contextmanager
def file_system_errors(place: str) -> Iterator[None]:
    """Raises StorageError for what the operating system refuses at `place` in the block, whichever library met it."""
    try:
        yield
    except FashionError:
        raise
    except Exception as error:  # deltalake and LanceDB quote the system's errors in exceptions of many types
        refused = refused_by_file_system(error, place)
        if refused is None:
            raise
        raise refused from error
