"""Places on this machine: which folders a library can use, and what the file system refuses, each as one sentence.

Libraries turn the path of a folder into an address or a pattern, which some characters do not survive: the library then
fails, or uses another folder. What a library cannot use is declared next to it as a `PathRule`.
"""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fashion_assets.errors import FashionError, SettingsError, StorageError

LONGEST_PATH = (1024 if sys.platform == "darwin" else 4096) - 256
"""Bytes of a folder's path that leave room for the names below it: the longest, of a change file, has about 160."""

ESCAPE = "%[0-9A-Fa-f]{2}"
"""A regular expression for what libraries decode as a character when they read a path as an address, such as `%20`."""

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_IN_THE_WAY = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ELOOP}
_RUST_ERROR = re.compile(r"\(os error (\d+)\)")
"""How libraries in Rust quote an error of the operating system."""


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
    number = error.errno if isinstance(error, OSError) else None
    if number is None and (quoted := _RUST_ERROR.search(str(error))):
        number = int(quoted[1])
    if number is None:
        return None
    if number in _FULL:
        rule, remedy = "what is computed is stored there", "free some space, and run the command again"
    elif number in _FORBIDDEN:
        rule, remedy = "this user must be able to write there", "change its permissions, or choose another folder"
    elif number in _IN_THE_WAY:
        rule, remedy = "it must be a folder", "move away the file in its place, or choose another folder"
    elif number == errno.ENAMETOOLONG:
        rule, remedy = "the file system allows no such name", "choose a shorter path"
    else:
        return None
    named = getattr(error, "filename", None)
    value = f"{str(named or place)!r} cannot be used ({os.strerror(number)})"
    return StorageError(value=value, rule=rule, remedy=remedy)


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
