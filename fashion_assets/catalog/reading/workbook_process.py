"""A program that reads a workbook, since a few kilobytes of one can stand for more cells than fit into memory.

A cell far from the others, a text that all cells share, or rows that repeat make the library that reads workbooks end
its process: this one, which has a limit on its memory and time. It imports nothing of this package, to start fast.

    python workbook_process.py WORKBOOK SHEET TABLE BYTES SECONDS

writes the sheet called SHEET (empty: the longest visible one) to TABLE in Arrow's file format, every cell as text. It
prints an object of JSON: `names` of all sheets, `count` of those looked at, `read` (the sheet's name, unless none is
called so), or `problem`, why the workbook cannot be read.
"""

import json
import resource
import sys
from pathlib import Path


def main(workbook: str, sheet: str, table: str, most_bytes: str, most_seconds: str) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, int(most_bytes))
    _limit(resource.RLIMIT_CPU, int(most_seconds))
    import fastexcel
    import pyarrow as pa

    try:
        book = fastexcel.read_excel(Path(workbook).read_bytes())
        wanted = [name for name in book.sheet_names if name == sheet or not sheet]
        sheets = [book.load_sheet(name, header_row=None, dtypes="string") for name in wanted]
        told = {"names": book.sheet_names, "count": len(sheets)}
        if sheets:
            visible = [each for each in sheets if each.visible == "visible"] or sheets
            longest = max(visible, key=lambda each: each.total_height)
            batch = longest.to_arrow()
            with pa.OSFile(table, "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
                writer.write(batch)
            told["read"] = longest.name
    except fastexcel.FastExcelError as error:
        told = {"problem": str(error).partition("\n")[0]}
    json.dump(told, sys.stdout)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main(*sys.argv[1:])
