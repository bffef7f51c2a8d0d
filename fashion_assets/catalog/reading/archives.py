"""Compressed files: a gzip file, or a zip archive with one table, unpacked into a temporary folder."""

import gzip
import shutil
import tempfile
import weakref
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from fashion_assets.catalog.reading.bounds import copy_bounded
from fashion_assets.catalog.reading.kinds import no_table

_PLAIN = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xml", ".xlsx", ".xlsb", ".xls", ".ods", ".parquet")
TABLE_SUFFIXES = (*_PLAIN, *(f"{suffix}.gz" for suffix in _PLAIN))
"""How the names of tables end, in lower case: to choose among files, never to tell what one is."""


class Unpacked:
    """A file in a temporary folder, which is removed when this is no longer referenced."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="fashion-table-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.content = Path(folder, "table")
        self.notes: tuple[str, ...] = ()


def unpack_gzip(content: Path, path: Path) -> Unpacked:
    """The file in a gzip file; raises SourceError if it is damaged, or far larger than it may be."""
    unpacked = Unpacked()
    try:
        with gzip.open(content) as packed, unpacked.content.open("wb") as file:
            copy_bounded(packed, file, path.stat().st_size, path)
    except (EOFError, OSError, zlib.error) as error:
        raise no_table(path, f"is a gzip file that cannot be unpacked ({error})", "copy or export it again") from error
    return unpacked


def unpack_zip(content: Path, path: Path) -> Unpacked:
    """The only table in a zip archive.

    Raises SourceError if it has none or several, if it is damaged, far larger than it may be, or needs a password.
    """
    unpacked = Unpacked()
    try:
        with zipfile.ZipFile(content) as archive:
            member = _only_table(archive, path)
            with archive.open(member) as packed, unpacked.content.open("wb") as file:
                copy_bounded(packed, file, min(member.compress_size, path.stat().st_size), path)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error) as error:
        raise no_table(
            path, f"is a zip archive that cannot be unpacked ({error})", "copy or export it again"
        ) from error
    unpacked.notes = (f"Read '{member.filename}' of the archive.",)
    return unpacked


def members(content: Path, path: Path) -> list[str]:
    """The names in a zip archive, as a workbook is one; raises SourceError if it is damaged."""
    try:
        with zipfile.ZipFile(content) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise no_table(path, f"is a damaged zip archive or workbook ({error})", "copy or export it again") from error


def _only_table(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    tables = [member for member in archive.infolist() if _is_table(member)]
    if len(tables) != 1:
        names = ", ".join(f"'{table.filename}'" for table in tables[:5])
        what = f"{len(tables)} tables ({names})" if tables else "no table"
        raise no_table(path, f"is a zip archive with {what}", "unpack it, and name the table of the products")
    if tables[0].flag_bits & 1:
        raise no_table(path, "is a zip archive with a password", "unpack it, and name the table in it")
    return tables[0]


def _is_table(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(member.filename)
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    return not member.is_dir() and not is_hidden and name.name.lower().endswith(TABLE_SUFFIXES)
