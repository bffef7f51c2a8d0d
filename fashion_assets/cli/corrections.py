"""`fashion corrections`: what people know better than the model, in and out as CSV."""

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output

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
    done = Shop.open().corrections.import_file(file, by)
    output.print(f"{done.new} of {done.given} corrections are new and on record.")
    unknown = done.unknown_products
    if unknown:
        some = ", ".join(map(str, unknown[:_NAMED])) + (", ..." if len(unknown) > _NAMED else "")
        output.print(f"{len(unknown)} products are not in the catalog (yet): {some}.", highlight=False)
    if done.new:
        output.print("Next: `fashion run` takes them into descriptions, vectors and search.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="CSV file to write; `import` reads it again.")] = Path("corrections.csv"),
) -> None:
    """Write the corrections that count to a file.

    Example: `fashion corrections export corrections.csv`
    """
    count = Shop.open().corrections.export_file(file)
    output.print(f"{count} corrections are in {file}.", highlight=False)
