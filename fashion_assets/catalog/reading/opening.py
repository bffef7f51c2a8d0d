"""Opening a table: what it is, and the reader for that."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from fashion_assets.catalog.reading.archives import Unpacked, members, unpack_gzip, unpack_zip
from fashion_assets.catalog.reading.csv_records import text_lines, without_marks
from fashion_assets.catalog.reading.csv_table import open_csv
from fashion_assets.catalog.reading.encoding import Encoding, detect_encoding, stated_encoding
from fashion_assets.catalog.reading.excel_table import open_excel
from fashion_assets.catalog.reading.frames import open_folder, open_parquet
from fashion_assets.catalog.reading.json_table import open_json
from fashion_assets.catalog.reading.kinds import RULE, START, Kind, is_json, is_xml, kind_of, no_table
from fashion_assets.catalog.reading.table import RawPart, SourceTable, TableFormat
from fashion_assets.catalog.reading.xml_table import open_xml
from fashion_assets.errors import SourceError

_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_ARCHIVES_IN_ARCHIVES = 3

_DETECTED = TableFormat()


def open_table(
    path: Path,
    table_format: TableFormat = _DETECTED,
    *,
    name_column: str | None = None,
    key_column: str | None = None,
) -> SourceTable:
    """The product table at `path`, a file or a folder, recognized by its content.

    `name_column` and `key_column` are the source's columns for the product's name and id, if known: they speak for the
    delimiter that gives them, and fields beyond the header's belong to the name if that is the last column. Raises
    SourceError if there is no table that can be read.
    """
    if path.is_dir():
        return open_folder(path)
    if not path.is_file():
        raise SourceError(value=f"The source '{path}' does not exist", rule=RULE, remedy="set FASHION_SOURCE to one")
    try:
        return _open_file(path, path, table_format, (name_column, key_column), _ARCHIVES_IN_ARCHIVES)
    except OSError as error:
        raise SourceError(
            value=f"The source '{path}' cannot be read ({error.strerror or error})",
            rule="an ingest reads all of it",
            remedy="check its permissions",
        ) from error


def _open_file(
    content: Path, path: Path, stated: TableFormat, names: tuple[str | None, str | None], archives: int
) -> SourceTable:
    """The table in the file `content`, which is `path` itself or was unpacked from it."""
    _require_content(content, path)
    kind = kind_of(content, path)
    if kind is Kind.PARQUET:
        return open_parquet(content, path)
    if kind is Kind.OLE or (kind is Kind.ZIP and set(members(content, path)) & set(_WORKBOOKS)):
        return open_excel(content, path, stated.sheet)
    if kind is Kind.TEXT:
        return _open_text(content, path, stated, names)
    if not archives:
        raise no_table(path, "is an archive in archives", "unpack it, and name the table in it")
    unpacked = unpack_gzip(content, path) if kind is Kind.GZIP else unpack_zip(content, path)
    return _kept(_open_file(unpacked.content, path, stated, names, archives - 1), unpacked)


def _open_text(content: Path, path: Path, stated: TableFormat, names: tuple[str | None, str | None]) -> SourceTable:
    encoding = stated_encoding(content, path, stated.encoding) if stated.encoding else detect_encoding(content)
    start = _start(content, encoding)
    if is_xml(start, path):
        return open_xml(content, path, _declared_wrongly(start, encoding, stated))
    if is_json(start):
        return open_json(content, path, encoding)
    return open_csv(content, path, encoding, stated, names)


def _declared_wrongly(start: str, encoding: Encoding, stated: TableFormat) -> Encoding | None:
    """The encoding of an XML file where one is stated, or where it is not UTF-8, but declared so or not at all."""
    declared = re.match(r"<\?xml[^>]*encoding=[\"']([\w.-]+)", start.lstrip())
    is_utf_8 = declared is None or declared[1].lower() in ("utf-8", "utf8")
    is_other = is_utf_8 and encoding.notes and not encoding.codec.startswith(("utf-16", "utf-32"))
    return encoding if stated.encoding or is_other else None


def _start(content: Path, encoding: Encoding) -> str:
    with content.open("rb") as file:
        return "".join(without_marks([text_lines(file, encoding).read(START)]))


def _require_content(content: Path, path: Path) -> None:
    with content.open("rb") as file:
        if any(chunk.strip() for chunk in iter(partial(file.read, 1 << 20), b"")):
            return
    raise SourceError(
        value=f"The source '{path}' is empty", rule="it needs a header line and products", remedy="export it again"
    )


def _kept(table: SourceTable, unpacked: Unpacked) -> SourceTable:
    """The table, with the unpacked file kept for as long as it is."""

    def read_parts(rows: int, kept: Unpacked = unpacked) -> Iterator[RawPart]:
        yield from table.read_parts(rows)

    return replace(table, read_parts=read_parts, notes=(*unpacked.notes, *table.notes))
