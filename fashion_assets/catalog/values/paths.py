"""Where a product's photo is, as shops write it: a path below the photos folder or a web address, or why neither."""

import re
from functools import partial

import polars as pl

from fashion_assets.catalog.values.distinct import read_distinct

PLACES = pl.Schema({"path": pl.String, "is_address": pl.Boolean, "reason": pl.String})

LONGEST_NAME = 255
"""Bytes of a file's or folder's name, on all file systems in use."""

LONGEST_SHOWN = 80
"""Characters of a path that a reason shows."""

_PLAIN = r"^(?:[A-Za-z0-9_-][A-Za-z0-9_. -]{0,99}/){0,9}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$"
"""Paths that need no reading, which are most."""

_ADDRESS = re.compile(r"https?://(?:[^/?#@]*@)?(?:[^\s/?#:\[\]]+|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#].*)?", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"(?://(?:[^/@]*@)?(?:[\w-]+(?:\.[\w-]+)+|localhost)(?::\d+)?|www\.[\w-]+\.[\w.-]+)/")
_OTHER_SCHEME = re.compile(
    r"([a-z][a-z0-9+.-]+)://|(data|file|ftp|blob|cid|mailto|javascript|about|dbfs|urn|https?):", re.I
)
_DRIVE = re.compile(r"[A-Za-z]:(?:/|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def photo_paths(texts: pl.Series, *, root: str | None = None) -> pl.DataFrame:
    """Where the photo of each row is, by String texts of one path or address each; columns as PLACES.

    A `path` below the photos folder has `/` only and neither leading `/` nor `.` and `..`, which are resolved; a full
    path below `root`, the photos folder, is taken as one below it. An address is http or https, complete. Where
    neither can be told, `path` is null and `reason` says why; where there is no text, both are null.
    """
    frame = texts.cast(pl.String).to_frame("path").select(pl.col("path").str.strip_chars())
    is_plain = frame["path"].str.contains(_PLAIN) & ~frame["path"].str.starts_with("www.")
    rest = frame.select(pl.when(~is_plain & (pl.col("path") != "")).then("path"))["path"]
    read = read_distinct(rest, partial(_place, root=_folder(root)), PLACES)
    return read.with_columns(
        pl.when(is_plain).then(frame["path"]).otherwise("path").alias("path"),
        pl.col("is_address").fill_null(value=False),
    )


def shown(text: str) -> str:
    """The text in quotation marks, shortened."""
    return f"'{text}'" if len(text) <= LONGEST_SHOWN else f"'{text[:LONGEST_SHOWN]}...'"


def _folder(root: str | None) -> str | None:
    return root.replace("\\", "/").rstrip("/") + "/" if root else None


def _place(text: str, root: str | None) -> tuple[str | None, bool, str | None]:
    if _CONTROL.search(text):
        return None, False, f"photo path {shown(_CONTROL.sub('?', text))} holds a control character"
    path = text.replace("\\", "/")
    if _WITHOUT_SCHEME.match(path) and not text.startswith("\\"):
        path = f"https://{path.removeprefix('//')}"
    if _ADDRESS.fullmatch(path):
        return path.replace("&amp;", "&"), True, None
    if root and path.lower().startswith(root.lower()):
        path = path[len(root) :]
    if reason := _elsewhere(text, path):
        return None, False, f"photo path {shown(text)} {reason}"
    resolved = _resolved(path)
    if resolved is None:
        return None, False, f"photo path {shown(text)} leaves the photos folder"
    if not resolved:
        return None, False, f"photo path {shown(text)} names no file"
    if any(len(name.encode()) > LONGEST_NAME for name in resolved.split("/")):
        return None, False, f"photo path {shown(text)} has a name of more than {LONGEST_NAME} bytes, which no file has"
    return resolved, False, None


def _elsewhere(text: str, path: str) -> str | None:
    """Why the path is not one below the photos folder, if its beginning tells."""
    if _DRIVE.match(path):
        return "is on a drive of its own; it must lie below the photos folder"
    if text.startswith("\\\\"):
        return "is on another computer; it must lie below the photos folder"
    if scheme := _OTHER_SCHEME.match(path):
        name = (scheme[1] or scheme[2]).lower()
        if name in ("http", "https"):
            return "is an address without a host"
        return f"is an address of the scheme '{name}'; only http and https are fetched"
    return None


def _resolved(path: str) -> str | None:
    """The path without empty parts, `.` and `..`; None if it leaves its root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
