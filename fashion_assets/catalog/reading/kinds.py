"""What a file is, by its content: a table in a format that is read, or something else, which is refused by its name."""

import re
from enum import Enum, auto
from pathlib import Path

from fashion_assets.errors import SourceError

START = 4096
"""Bytes at the beginning of a file that are looked at."""

RULE = "it must be a CSV, Excel, JSON, XML or Parquet file, or a folder with a Delta table or Parquet files"


class Kind(Enum):
    TEXT = auto()
    GZIP = auto()
    ZIP = auto()
    OLE = auto()
    PARQUET = auto()


_KINDS = (
    (b"PAR1", Kind.PARQUET),
    (b"\x1f\x8b", Kind.GZIP),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE),
)

_NO_TABLES = (
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"%PDF-", "a PDF document"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"Obj\x01", "an Avro file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
)

_FIRST_TAG = re.compile(r"(?:<\?.*?\?>|<!--.*?-->|\s)*<(?:!doctype\s+)?([\w:.-]+)", re.DOTALL)
_TAGS_OF_PAGES = {"html", "head", "body", "table", "script", "style", "meta", "title", "div", "p"}


def kind_of(content: Path, path: Path) -> Kind:
    """The kind of the file `content`, called `path` in messages; raises SourceError if it holds no table."""
    with content.open("rb") as file:
        start = file.read(START)
    for magic, kind in _KINDS:
        if start.startswith(magic):
            return kind
    what = next((what for magic, what in _NO_TABLES if start.startswith(magic)), None)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        what = "a WebP image"
    if start[4:8] == b"ftyp":
        what = "an image or a film"
    if start[257:262] == b"ustar":
        what = "a tar archive"
    if what is not None:
        raise no_table(path, f"is {what}")
    return Kind.TEXT


def is_json(start: str) -> bool:
    """Whether a text begins as JSON of objects; `[` and `{` may begin a header, too."""
    start = start.lstrip()
    second = start[1:].lstrip()[:1]
    return (start[:1] == "{" and second in ('"', "}", "")) or (start[:1] == "[" and second in ("{", "[", "]", ""))


def is_xml(start: str, path: Path) -> bool:
    """Whether a text begins as XML; raises SourceError if it is a web page, or a workbook in Excel's XML of 2003."""
    start = start.lstrip().lower()
    if not start.startswith("<"):
        return False
    first = _FIRST_TAG.match(start)
    if first and first[1] in _TAGS_OF_PAGES:
        raise no_table(path, "is a web page (HTML), as a login or an error page is")
    if "excel.sheet" in start:
        raise no_table(path, "is a workbook in Excel's XML format of 2003", "save it as .xlsx or CSV")
    return first is not None


def no_table(path: Path, what: str, remedy: str = "export the products again, and name that file") -> SourceError:
    return SourceError(value=f"The source '{path}' {what}", rule=RULE, remedy=remedy)
