"""Several values in one cell: photos and sizes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import polars as pl

from fashion_assets.catalog.values.distinct import read_distinct
from fashion_assets.catalog.values.missing import ERRORS, NULL_MARKS, PROGRAM_WORDS, SIGNS

_ADDRESS = re.compile(r"(?:https?:)?//[^\s/]", re.IGNORECASE)
_FILE_END = re.compile(
    r"\.(?:jpe?g|jpe|jfif|png|gif|webp|avif|bmp|tiff?|heic|heif|svg|eps|jp2|jxl)(?:\?\S*)?$", re.IGNORECASE
)
_MAY_SEPARATE = re.compile(r"(?<!\s)(?:\s*[,;|\n][\s,;|]*|(?:\s+|\s*~\s*)(?=https?://))", re.IGNORECASE)

_AROUND = " \t\r\n,;|"
_NO_ITEM = frozenset((*ERRORS, *NULL_MARKS, *PROGRAM_WORDS))

_QUOTED = r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'"
_PYTHON_LIST = re.compile(rf"\[\s*(?:{_QUOTED})(?:\s*,\s*(?:{_QUOTED}))*\s*,?\s*\]")

_SIZE_SEPARATOR = re.compile(r"[;|\n]|(?<!\b1[5-9])(?<!\b[2-5]\d),|,(?!5(?!\d))")
"""The comma of half sizes from 15 up (`36,5`) separates nothing."""


def split_photos(texts: pl.Series, separator: str | None = None) -> pl.Series:
    """The photos of each String cell, paths or addresses, as List(String) in their order; null where there is none.

    They are separated by commas, semicolons, `|` or ends of lines, or written as a list of JSON or Python. A comma or
    semicolon separates only where a file's name has ended or an address follows, since addresses and names of files
    hold them too. With a `separator`, only that one separates; commas and semicolons within addresses still do not.
    A photo named twice counts once.
    """
    return _lists(texts, partial(_photos, separator=separator))


def split_sizes(texts: pl.Series) -> pl.Series:
    """The sizes of each String cell as List(String) in their order, as split_photos; `S/M` is one size."""
    return _lists(texts, _SIZE_SEPARATOR.split)


def lists_as_paths(texts: pl.Series) -> pl.Series:
    """String cells, where a list of JSON or Python is written as a path of its items: `Women > Dresses`."""
    is_list = texts.str.contains(r"^\s*\[.*\]\s*$")
    read = _lists(pl.select(pl.when(is_list).then(texts)).to_series(), lambda text: [text])
    return pl.select(pl.coalesce(read.list.join(" > "), texts)).to_series().alias(texts.name)


def _lists(texts: pl.Series, split: Callable[[str], Iterable[str]]) -> pl.Series:
    def read(text: str) -> tuple[list[str] | None]:
        listed = _listed(text)
        items = split(text.strip(_AROUND)) if listed is None else listed
        stripped = (item.strip(_AROUND).strip("\"'").strip() for item in items)
        return (list(dict.fromkeys(item for item in stripped if not _is_missing(item))) or None,)

    lists = read_distinct(texts, read, pl.Schema({"items": pl.List(pl.String)}))
    return lists["items"].alias(texts.name)


def _is_missing(item: str) -> bool:
    return item.lower() in _NO_ITEM or re.search(SIGNS, item) is not None


def _listed(text: str) -> list[str] | None:
    """The texts of a list in JSON or as Python prints it; None if the cell is no such list."""
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        if not _PYTHON_LIST.fullmatch(text):
            return None
        return [re.sub(r"\\(.)", r"\1", item[1:-1]) for item in re.findall(_QUOTED, text)]
    named = (item.get("src") or item.get("url") if isinstance(item, dict) else item for item in items)
    return [item if isinstance(item, str) else str(item) for item in named if item is not None]


def _photos(text: str, separator: str | None) -> list[str]:
    if separator not in (None, ",", ";"):
        return text.split(separator)
    return list(_pieces(text, separator))


def _pieces(text: str, separator: str | None) -> Iterator[str]:
    start = 0
    candidates = _MAY_SEPARATE if separator is None else re.compile(rf"(?<!\s)\s*{separator}[\s{separator}]*")
    for match in candidates.finditer(text):
        if _separates(match, text[start : match.start()], is_given=separator is not None):
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _separates(match: re.Match[str], before: str, *, is_given: bool) -> bool:
    sign = match[0].strip(" \t\r")
    if "|" in sign or "\n" in sign or _ADDRESS.match(match.string, match.end()):
        return True
    has_ended = bool(_FILE_END.search(before)) or _is_missing(before.strip(_AROUND))
    if _ADDRESS.match(before.strip()):
        return has_ended and match[0] != sign
    return has_ended or is_given
