"""Tables that mean harm: small files that stand for gigabytes, and values nested or repeated without end."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.parquet as pq


def parquet(table: pa.Table, **options) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", **options)
    return file.getvalue()


def repeated_rows(rows: int) -> bytes:
    """A Parquet file of one row group, all of whose rows are the same; made in parts, so that it takes no memory."""
    batch = pa.record_batch({"id": pa.repeat(pa.scalar(0, pa.int8()), min(rows, 1_000_000))})
    file = io.BytesIO()
    with pq.ParquetWriter(file, batch.schema, compression="zstd") as writer:
        for _ in range(rows // len(batch)):
            writer.write_batch(batch, row_group_size=rows)
    return file.getvalue()


def repeated_items(rows: int, items: int) -> bytes:
    """A Parquet file of one row group, each of whose rows has a list of so many equal items."""
    zeros = pa.repeat(pa.scalar(0, pa.int8()), rows * items)
    lists = pa.ListArray.from_arrays(pa.array(range(0, rows * items + 1, items), pa.int32()), zeros)
    return parquet(pa.table({"id": lists}), row_group_size=rows)


def repeated_text(rows: int, size: int, shape: str = "categories") -> bytes:
    """A Parquet file that has one long text once, and names it in every row: as a text, or in lists or structs."""
    texts = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array(["x" * size]))
    cells = {
        "lists": lambda: pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), texts),
        "structs": lambda: pa.StructArray.from_arrays([texts], ["text"]),
    }.get(shape, lambda: texts)()
    is_stored = shape == "categories"
    table = pa.table({"id": pa.array(range(rows)), "name": cells})
    return parquet(table, dictionary_pagesize_limit=2 * size, store_schema=is_stored)


def prefixed_texts(rows: int, size: int) -> bytes:
    """A Parquet file whose texts each begin as the one before, which is stored as a length."""
    batch = pa.record_batch({"name": pa.array([f"{'x' * size}{row}" for row in range(100)])})
    encoding = {"use_dictionary": False, "column_encoding": {"name": "DELTA_BYTE_ARRAY"}}
    file = io.BytesIO()
    with pq.ParquetWriter(file, batch.schema, compression="zstd", **encoding) as writer:
        for _ in range(rows // 100):
            writer.write_batch(batch, row_group_size=rows)
    return file.getvalue()


def workbook(rows: str, text: str = "") -> bytes:
    """An Excel workbook of one sheet with these rows in its XML, and one text that cells of type `s` share."""
    kind, office = "application/vnd.openxmlformats-officedocument.spreadsheetml", "openxmlformats.org"
    parts = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings"}
    types = [f'<Override PartName="/xl/{name}.xml" ContentType="{kind}.{part}+xml"/>' for name, part in parts.items()]
    of_office = f"http://schemas.{office}/officeDocument/2006/relationships"
    relations = f'<Relationships xmlns="http://schemas.{office}/package/2006/relationships">%s</Relationships>'
    relation = f'<Relationship Id="r%d" Type="{of_office}/%s" Target="%s"/>'
    main = f"http://schemas.{office}/spreadsheetml/2006/main"
    files = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.{office}/package/2006/content-types">{"".join(types)}</Types>',
        "_rels/.rels": relations % (relation % (1, "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations
        % (relation % (1, "worksheet", "worksheets/sheet1.xml") + relation % (2, "sharedStrings", "sharedStrings.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{of_office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}"><si><t>{text}</t></si></sst>',
    }
    return zipped({name: content.encode() for name, content in files.items()})


def spreadsheet(rows: str) -> bytes:
    """An OpenDocument spreadsheet with these rows in its XML."""
    of = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{of}:office:1.0" xmlns:table="{of}:table:1.0" '
        f'xmlns:text="{of}:text:1.0">'
        f"<office:body><office:spreadsheet><table:table table:name='S'>{rows}</table:table></office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest.encode(), "content.xml": content.encode()})


HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
FAR_CELL = HEADER + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
SHARING_ROW = "<row>" + '<c t="s"><v>0</v></c>' * 50 + "</row>"
REPEATED_ROW = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" '
    'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
)


def packed_zeros(size: int, text: bytes = b"id,name\n1,a\n") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(text), *(packer.compress(b"0" * 10**7) for _ in range(size // 10**7)), packer.flush()]
    return b"".join(parts)


def zipped(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return file.getvalue()


def _entities() -> bytes:
    lines = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    return f'<?xml version="1.0"?><!DOCTYPE rss [{"".join(lines)}]><rss><item><id>&a9;</id></item></rss>'.encode()


HOSTILE_TABLES: Mapping[str, Callable[[], bytes]] = {
    "a row group of 101,000,000 rows": lambda: repeated_rows(101_000_000),
    "a text that 20,000 rows share": lambda: repeated_text(20_000, 1_000_000),
    "a text that 20,000 rows share, as texts": lambda: repeated_text(20_000, 1_000_000, "texts"),
    "a text that 20,000 lists share": lambda: repeated_text(20_000, 1_000_000, "lists"),
    "a text that 20,000 structs share": lambda: repeated_text(20_000, 1_000_000, "structs"),
    "a text that 300 rows share": lambda: repeated_text(300, 50_000),
    "texts that begin as the one before": lambda: prefixed_texts(100, 1_000_000),
    "a text longer than any": lambda: repeated_text(20, 20_000_000),
    "a cell far from the others": lambda: workbook(FAR_CELL),
    "a text that a million cells share": lambda: workbook(HEADER + SHARING_ROW * 20_000, "x" * 32_000),
    "rows and columns that repeat": lambda: spreadsheet(REPEATED_ROW),
    "a workbook of nothing": lambda: workbook("<row/>" * 10_000_000),
    "a Parquet file that is cut short": lambda: repeated_rows(10)[:-20],
    "a Parquet file with a footer of noise": lambda: b"PAR1" + bytes(range(256)) * 4 + b"\xff\xff\0\0PAR1",
    "10,000 columns": lambda: parquet(pa.table({f"c{number}": [1] for number in range(10_000)})),
    "10,000 columns of a CSV": lambda: ",".join(f"c{number}" for number in range(10_000)).encode() + b"\n1\n",
    "a key for every object": lambda: json.dumps([{f"k{number}": 1} for number in range(10_000)]).encode(),
    "a gzip file of 300 MB": lambda: packed_zeros(300_000_000),
    "a gzip file in a gzip file": lambda: gzip.compress(packed_zeros(300_000_000)),
    "a zip archive of 300 MB": lambda: zipped({"a.csv": b"id,name\n" + b"0" * 300_000_000}),
    "a gzip file of rows": lambda: gzip.compress(b"id,name\n" + b"1,a\n" * 10_000_000, 1),
    "commas": lambda: b"," * 10_000_000,
    "commas after a header": lambda: b"id,name\n" + b"," * 3_000_000,
    "ends of lines": lambda: b"\n" * 10_000_000,
    "quotes": lambda: b"id,name\n" + b'"' * 10_000_000,
    "quotes at ends of lines": lambda: b"id,name\n" + b'"\n' * 1_000_000,
    "a line": lambda: b"id,name\n" + b"0" * 10_000_000,
    "zeros": lambda: b"id,name\n" + bytes(10_000_000),
    "brackets": lambda: b"[" * 10_000_000,
    "an item of many elements": lambda: b"<rss><item>" + b"<a>1</a>" * 200_000 + b"</item></rss>",
    "a long attribute": lambda: b'<rss><item id="' + b"x" * 10_000_000 + b'"/></rss>',
    "entities of entities": _entities,
    "an entity that is a file": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><item><id>&x;</id></item></r>'
    ),
    "deep elements": lambda: b"<rss><item>" + b"<a>" * 100_000 + b"1" + b"</a>" * 100_000 + b"</item></rss>",
    "deep elements above the items": lambda: b"<rss>" + b"<a>" * 100_000 + b"<item><id>1</id></item></rss>",
    "deep lists": lambda: b'[{"id": 1, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
    "lists at the edge of what can be read": lambda: b'[{"id": 1, "a": ' + b"[" * 950 + b"]" * 950 + b"}]",
    "objects at the edge in a document": lambda: (
        b'{"products": [{"id": 1, "a": ' + b'{"a": ' * 900 + b"1" + b"}" * 902 + b"]}"
    ),
    "a number of many digits": lambda: b'[{"id": {"a": ' + b"9" * 10_000 + b"}}]",
    "a number of many digits in a line": lambda: b'{"id": [1, ' + b"9" * 10_000 + b']}\n{"id": 2}\n',
}
"""What each is, and its file."""
