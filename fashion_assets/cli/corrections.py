"""`fashion corrections`: what people know better than the model, in and out as CSV."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.cli.console import output
from fashion_assets.quality.labels.corrections import read_corrections, record_corrections, write_corrections
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore

_NAMED = 5

app = typer.Typer(no_args_is_help=True, help="Correct by hand what the model saw wrongly; corrections always win.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV file with the columns product_id, field, value.")],
    by: Annotated[str | None, typer.Option(help="Who says so, where the file has no column author.")] = None,
) -> None:
    """Take the corrections of a file: all of them, or none if a line is wrong.

    `field` is an attribute, `value` one of its values; items of a list are separated by "|", "none" empties a list, and
    an empty value takes an earlier correction back.

    Example: `fashion corrections import corrections.csv --by NAME`
    """
    store = TableStore(load_settings().tables_uri)
    corrections = read_corrections(file, by, datetime.now(UTC))
    new = record_corrections(store, corrections)
    output.print(f"{new} of {len(corrections)} corrections are new and on record.")
    known = store.read(INGESTED_PRODUCTS, columns=["product_id"])
    strangers = corrections.join(known, on="product_id", how="anti")["product_id"].unique().sort()
    if len(strangers):
        some = ", ".join(map(str, strangers.head(_NAMED))) + (", ..." if len(strangers) > _NAMED else "")
        output.print(f"{len(strangers)} products are not in the catalog (yet): {some}.", highlight=False)
    if new:
        output.print("Next: `fashion run` takes them into descriptions, vectors and search.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="CSV file to write; `import` reads it again.")] = Path("corrections.csv"),
) -> None:
    """Write the corrections that count to a file.

    Example: `fashion corrections export corrections.csv`
    """
    count = write_corrections(TableStore(load_settings().tables_uri), file)
    output.print(f"{count} corrections are in {file}.", highlight=False)
