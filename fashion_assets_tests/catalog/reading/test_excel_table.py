"""Sheets of workbooks as tables."""

import datetime
import zipfile

import pytest
import xlsxwriter

from fashion_assets.catalog.reading import TableFormat
from fashion_assets.errors import SourceError

DAY = {"num_format": "yyyy-mm-dd"}


@pytest.fixture
def workbook(tmp_path):
    """Writes a workbook of the sheets given, of which those called `hidden` are hidden."""

    def workbook(**sheets):
        path = tmp_path / "products.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
                if name == "hidden":
                    sheet.hide()
        return path

    return workbook


def test_cells_are_text_without_a_fraction_that_is_zero(load, workbook):
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5)
    rows = [
        ["id", "sku", "price", "new", "since", "mixed"],
        [4006381333931, "0012", 19.9, True, datetime.date(2024, 1, 2), "x"],
        [5, "0013", 20, False, moment, 7],
    ]
    read = load(workbook(Products=rows))
    assert read.columns == tuple(rows[0])
    assert read.rows == [
        ("4006381333931", "0012", "19.9", "true", "2024-01-02", "x"),
        ("5", "0013", "20", "false", "2024-01-02T03:04:05", "7"),
    ]
    assert read.raws[1].startswith('{"id":"5","sku":"0013"')
    assert read.notes == ()


def test_times_errors_and_results(load, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "products.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["time", "error", "result"])
        sheet.write_datetime(1, 0, datetime.time(10, 30), book.add_format({"num_format": "hh:mm"}))
        sheet.write_formula(1, 1, "=NA()", None, "#N/A")
        sheet.write_formula(1, 2, "=1+1", None, 2)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Sheet1!$C$2:$C$2"})
        book.add_chartsheet("Chart").set_chart(chart)
    assert load(tmp_path / "products.xlsx").rows == [("10:30:00", None, "2")]


def test_blank_rows_and_columns_are_left_out_and_rows_count_from_one(load, workbook):
    read = load(workbook(Products=[["id", None, "name"], [1, None, "a"], [None] * 3, [2, None, " b "]]), rows=1)
    assert (read.columns, read.rows, read.numbers) == (("id", "name"), [("1", "a"), ("2", " b ")], [1, 3])


def test_titles_above_the_header_are_no_header(load, workbook):
    read = load(workbook(P=[["Our products"], [], ["id", "name", "name", None], [1, "a", "b", "note"]]))
    assert (read.columns, read.rows) == (("id", "name", "name (2)", "column 4"), [("1", "a", "b", "note")])
    assert read.notes[0] == "The header is row 3 of the sheet."
    assert read.table.repeated == ("name",)


def test_the_longest_visible_sheet_is_read_unless_one_is_stated(load, workbook):
    path = workbook(Info=[["x"]], Products=[["id"], [1], [2]], hidden=[["id"], [1], [2], [3]])
    read = load(path)
    assert read.of("id") == ["1", "2"]
    assert read.notes == ("Read from the sheet 'Products' (1 of 3, the longest).",)
    assert load(path, TableFormat(sheet="hidden")).of("id") == ["1", "2", "3"]
    with pytest.raises(SourceError, match=r"stated as 'Nope', but .* has the sheets Info, Products, hidden; state one"):
        load(path, TableFormat(sheet="Nope"))


def test_a_workbook_is_recognized_by_content(load, workbook):
    path = workbook(P=[["id"], [1]])
    assert load(path.read_bytes(), name="export.csv").of("id") == ["1"]


def test_an_open_document_spreadsheet(load, tmp_path):
    names = ["office", "table", "text"]
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)

    def cell(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in (["id", "name"], ["01", "a"])
    )
    table = f'<table:table table:name="Products">{rows}</table:table>'
    content = f"<office:spreadsheet>{table}</office:spreadsheet>"
    path = tmp_path / "products.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body>{content}</office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert load(path).rows == [("01", "a")]


def test_what_cannot_be_read_is_one_sentence(load, workbook, tmp_path):
    with pytest.raises(SourceError, match="no header in the sheet 'P'"):
        load(workbook(P=[]))
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    with pytest.raises(SourceError, match="is an Excel file with a password"):
        load(ole + "EncryptedPackage".encode("utf-16-le"), name="locked.xlsx")
    with pytest.raises(SourceError, match="is an Excel file that cannot be read"):
        load(ole, name="old.xls")
