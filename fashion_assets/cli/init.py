"""`fashion init`: find out what an unknown product table means, and write the shop's file for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.prompt import Confirm

from fashion_assets.cli.console import output, print_json
from fashion_assets.cli.understanding import print_understanding
from fashion_assets.errors import OptionError
from fashion_assets.settings import load_settings

if TYPE_CHECKING:
    from fashion_assets.app.own_catalog import InitOptions, Understanding

HELP_OF_COLUMN = "A column that is guessed wrongly, ours=yours, as `price=Preis`; may be repeated."


def init(
    table: Annotated[Path, typer.Argument(help="Your product table: CSV, Excel, JSON lines, XML, Parquet, Delta, ...")],
    photos: Annotated[
        Path | None, typer.Option(help="Folder that photo paths start from. Default: the table's.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help=HELP_OF_COLUMN)] = None,
    preset: Annotated[str | None, typer.Option(help="The table's shape, instead of recognizing it.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of prices that name none, as EUR.")] = None,
    fetch: Annotated[bool | None, typer.Option("--fetch/--no-fetch", help="Whether photos are fetched.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of descriptions: en, de or a file.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The table's encoding, as cp1252. Default: detected.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What separates its columns. Default: detected.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of an Excel file. Default: the longest.")] = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("shop.toml"),
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; nothing is asked.")] = False,
) -> None:
    """Find out what the columns of your product table mean, show it with examples, and write `shop.toml`.

    Shopify, WooCommerce, Google Merchant, article tables and the reference catalog are recognized; other tables are
    understood by the names and contents of their columns. Nothing is fetched and no model is loaded.

    Examples: `fashion init products.csv`, `fashion init feed.xml --yes`, `fashion init list.xlsx --column price=Preis`
    """
    from fashion_assets.app.own_catalog import InitOptions, require_no_file, understand, write_shop_file

    if not force:
        require_no_file(out)
    columns = dict(_pair(text) for text in column or ())
    options = InitOptions(photos, preset, columns, currency, fetch, language, encoding, delimiter, sheet)
    clip = str(load_settings().clip)
    understanding = understand(table, options, out.absolute().parent, clip)
    if as_json:
        print_json(understanding)
    else:
        print_understanding(understanding)
        understanding = _asked(understanding, table, options, out, yes)
    write_shop_file(understanding, out, overwrite=force)
    if not as_json:
        output.print(f"\nWrote [bold]{escape(str(out))}[/]. Next: `fashion run`, or edit the file and `fashion check`.")


def _asked(
    understanding: "Understanding", table: Path, options: "InitOptions", out: Path, yes: bool
) -> "Understanding":
    """What a person at a terminal makes of it: only whether photos may be fetched is asked."""
    from dataclasses import replace

    from fashion_assets.app.own_catalog import understand

    addresses = understanding.survey.photos.get("an address", 0)
    if yes or options.fetch is not None or not addresses or not output.is_terminal:
        return understanding
    may_fetch = Confirm.ask(f"Fetch the photos of {addresses:,} products from the web when you run it?", default=True)
    return understand(table, replace(options, fetch=may_fetch), out.absolute().parent)


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign or not ours.strip() or not theirs.strip():
        raise OptionError(
            value=f"column (--column) is '{text}'",
            rule="it must be ours=yours",
            remedy="write it as price=Preis",
        )
    return ours.strip(), theirs.strip()
