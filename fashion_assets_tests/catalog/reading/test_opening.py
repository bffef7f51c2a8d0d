"""Recognizing what a file is, and unpacking it."""

import gc
import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.reading import TableFormat, open_table
from fashion_assets.errors import SourceError

CSV = "id;name\n0012;a\n"


def zipped(**members: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(CSV.encode(), mtime=0),
        gzip.compress(gzip.compress(CSV.encode("utf-16"), mtime=0), mtime=0),
        zipped(**{"export/products.csv": CSV, "__MACOSX/._products.csv": "x", "export/readme.pdf": "x"}),
        zipped(**{"products.csv.gz": gzip.compress(CSV.encode(), mtime=0)}),
        zipped(**{"products.json": '[{"id": "0012", "name": "a"}]'}),
    ],
)
def test_archives_are_unpacked_whatever_they_are_called(load, content):
    assert load(content).rows == [("0012", "a")]


def test_a_parquet_file_in_an_archive(load):
    file = io.BytesIO()
    pl.DataFrame({"id": [12]}).write_parquet(file)
    assert load(gzip.compress(file.getvalue(), mtime=0)).rows == [("12",)]


def test_what_was_unpacked_is_there_while_it_is_read_and_gone_afterwards(write, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    parts = open_table(write(gzip.compress(CSV.encode(), mtime=0))).parts()
    gc.collect()
    assert [part.fields.rows() for part in parts] == [[("0012", "a")]]
    del parts
    gc.collect()
    assert list(Path(tempfile.tempdir).iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xd8\xff\xe0 photo", "is a JPEG image"),
        (b"\x89PNG\r\n\x1a\n", "is a PNG image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "is a WebP image"),
        (b"\0\0\0\x18ftypavif", "is an image or a film"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"BZh91AY", "is a bzip2 archive"),
        (b"SQLite format 3\0", "is a SQLite database"),
        (gzip.compress(CSV.encode(), mtime=0)[:-12], "gzip file that cannot be unpacked"),
        (zipped(a=CSV), "zip archive with no table"),
        (zipped(**{"a.csv": CSV, "b.csv": CSV}), "zip archive with 2 tables \\('a.csv', 'b.csv'\\)"),
        (b"PK\x03\x04\0\0rest", "damaged zip archive or workbook"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(b"\xff\xd8\xff\xe0 photo", mtime=0), "is a JPEG image"),
    ],
)
def test_what_holds_no_table_is_refused_by_its_name(load, content, words):
    with pytest.raises(SourceError, match=words) as error:
        load(content)
    assert "source.csv' " in str(error.value)


PLAIN_BEGINNINGS = (
    b'PAR1 PK\x03\x04 \x1f\x8b\x08 \xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 \xff\xfe [{ {"a": <a><item> sep= '.split(b" ")
)
WORKBOOKS = [zipped(**{"xl/workbook.xml": "<workbook/>"}), zipped(**{"content.xml": "<x/>"})]
BEGINNINGS = st.sampled_from([*PLAIN_BEGINNINGS, *WORKBOOKS, gzip.compress(b'[{"id": 1}]', mtime=0)])
PIECES = st.sampled_from(b'{ } [ ] , " \\ <item> </item> <b> </a> &amp; &x; 1 \n \r \0'.split(b" "))
ENDINGS = st.lists(PIECES | st.text(max_size=3).map(lambda text: text.encode()) | st.binary(max_size=4), max_size=12)


@pytest.mark.long_form
@given(BEGINNINGS, ENDINGS.map(b"".join))
def test_any_bytes_are_a_table_or_an_error_that_names_the_file(tmp_path_factory, beginning, ending):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(beginning + ending)
    try:
        table = open_table(path)
        parts = list(table.parts(3))
    except SourceError as error:
        assert str(path) in str(error)
    else:
        assert all(part.fields.columns == list(table.columns) for part in parts)
        assert all(len(part) == len(part.fields) == len(part.raw_lines) == len(part.problems) for part in parts)


def test_archives_in_archives_come_to_an_end(load):
    content = CSV.encode()
    for _ in range(5):
        content = gzip.compress(content, mtime=0)
    with pytest.raises(SourceError, match="is an archive in archives"):
        load(content)


def test_a_path_that_cannot_be_read_is_named_as_given(tmp_path, monkeypatch):
    with pytest.raises(SourceError, match=r"^The source 'none.csv' does not exist, but it must be a CSV"):
        open_table(Path("none.csv"))
    Path("locked.csv").write_text(CSV)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # tests run as root, who may read everything
    with pytest.raises(SourceError, match=r"^The source 'locked.csv' cannot be read \(Permission denied\)"):
        open_table(Path("locked.csv"))


def test_a_table_can_be_read_again_and_has_what_was_stated_within_archives(load):
    read = load(gzip.compress("id;name\n1;Łódź\n".encode("iso8859_2"), mtime=0), TableFormat("iso8859_2", ";"))
    assert read.rows == [("1", "Łódź")]
    assert [part.fields.rows() for part in read.table.parts()] == [[("1", "Łódź")]]
