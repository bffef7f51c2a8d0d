"""Any product table as text: the format is recognized by content, every row comes out once, as a row or as a problem.

What the columns mean is decided elsewhere; here a cell is a text under the source's own name for its column.

    CSV, TSV, text    `csv_table.py`, with `encoding.py`, `dialect.py` and `csv_records.py`
    JSON              `json_table.py`: lines, an array, or an object that holds one
    XML               `xml_table.py`: Google Merchant feeds (RSS, Atom) and other feeds of items
    Excel             `excel_table.py`: .xlsx, .xlsb, .xls, .ods
    Parquet, Delta    `frames.py`: files, folders of parts, tables with deletion vectors
    gzip, zip         `archives.py` unpacks them; what is inside is recognized in turn

Cells of typed formats become text so: integers and whole floats as `12`, dates and times in ISO 8601, booleans as
`true` and `false`, lists of texts joined by "," (by "|" if an item holds a comma), whatever else is nested as
JSON, whose members `members.py` makes columns where rules name them; NaN is an absent cell.
"""

from fashion_assets.catalog.reading.opening import open_table
from fashion_assets.catalog.reading.table import RawPart, SourceTable, TableFormat

__all__ = ["RawPart", "SourceTable", "TableFormat", "open_table"]
