"""`fashion corrections`: importing and exporting hand corrections as CSV."""

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output

_MOST_NAMED = 5

app = typer.Typer(no_args_is_help=True, help="Correct by hand what the model got wrong; corrections always win.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="File with the columns product_id (or sku), field, value.")],
    by: Annotated[str | None, typer.Option(help="The author, if the file has no column `author`.")] = None,
) -> None:
    """Import the corrections of a file: all of them, or none if a line is wrong.

    `field` is an attribute, `value` one of its values; items of a list are separated by "|", "none" empties a list, and
    an empty value withdraws an earlier correction.

    Example: `fashion corrections import corrections.csv --by NAME`
    """
    done = Shop.open().corrections.import_file(file, by)
    output.print(f"{done.new} of {done.given} corrections are new and on record.")
    unknown = done.unknown_products
    if unknown:
        examples = ", ".join(map(str, unknown[:_MOST_NAMED])) + (", ..." if len(unknown) > _MOST_NAMED else "")
        output.print(f"{len(unknown)} products are not in the catalog (yet): {examples}.", highlight=False)
    if done.new:
        output.print("Next: `fashion run` applies them to descriptions, vectors and search.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="CSV file to write; `import` reads it again.")] = Path("corrections.csv"),
) -> None:
    """Write the corrections that are in force to a file.

    Example: `fashion corrections export corrections.csv`
    """
    count = Shop.open().corrections.export_file(file)
    output.print(f"{count} corrections are in {file}.", highlight=False)
