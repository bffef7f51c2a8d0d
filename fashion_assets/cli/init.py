"""`fashion init`: find out what an unknown product table means, and write the shop's file for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.prompt import Confirm

from fashion_assets.cli.console import output, print_json, progress_shown
from fashion_assets.cli.understanding import print_to_confirm, print_understanding
from fashion_assets.errors import OptionError
from fashion_assets.settings import load_settings

if TYPE_CHECKING:
    from fashion_assets.app.own_catalog import InitOptions, Understanding

HELP_OF_COLUMN = "A column that is guessed wrongly, ours=yours, as `price=Preis`; may be repeated."
HELP_OF_PRIVATE_HOST = "A host of your own network that photos may be fetched from, as nas.local; may be repeated."
HELP_OF_PROPOSE = "Whether CLIP proposes kinds for category words without one. Default: if it is not the demo model."


def init(
    table: Annotated[Path, typer.Argument(help="Your product table: CSV, Excel, JSON lines, XML, Parquet, Delta, ...")],
    photos: Annotated[
        Path | None, typer.Option(help="Folder that photo paths start from. Default: the table's.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option("--column", help=HELP_OF_COLUMN)] = None,
    preset: Annotated[str | None, typer.Option(help="The table's shape, instead of recognizing it.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of prices that name none, as EUR.")] = None,
    fetch: Annotated[bool | None, typer.Option("--fetch/--no-fetch", help="Whether photos are fetched.")] = None,
    private_host: Annotated[list[str] | None, typer.Option("--private-host", help=HELP_OF_PRIVATE_HOST)] = None,
    propose: Annotated[bool | None, typer.Option("--propose/--no-propose", help=HELP_OF_PROPOSE)] = None,
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
    understood by the names and contents of their columns. No photo is fetched. No model is loaded either, unless
    category words mean no kind and your CLIP model is not the demo's: it then proposes kinds for you to confirm.

    Examples: `fashion init products.csv`, `fashion init feed.xml --yes`, `fashion init list.xlsx --column price=Preis`
    """
    from fashion_assets.app.own_catalog import InitOptions, require_no_file, understand, write_shop_file

    if not force:
        require_no_file(out)
    columns = dict(_pair(text) for text in column or ())
    options = InitOptions(
        *(photos, preset, columns, currency, fetch, language, encoding, delimiter, sheet), private_host or ()
    )
    settings = load_settings()
    understanding = understand(table, options, out.absolute().parent, str(settings.clip))
    if not as_json:
        print_understanding(understanding)
        understanding = understanding if yes or not output.is_terminal else _asked(understanding, options)
    with progress_shown():
        understanding = understanding.with_proposals(settings, propose)
    if as_json:
        print_json(understanding)
    write_shop_file(understanding, out, overwrite=force)
    if not as_json:
        print_to_confirm(understanding)
        output.print(f"\nWrote [bold]{escape(str(out))}[/]. Next: `fashion run`, or edit the file and `fashion check`.")


def _asked(understanding: "Understanding", options: "InitOptions") -> "Understanding":
    """What a person at a terminal makes of it: whether photos may be fetched, and from their own network too."""
    addresses = understanding.survey.photos.get("an address", 0)
    if options.fetch is None and addresses:
        text = f"Fetch the photos of {addresses:,} products from the web when you run it?"
        understanding = understanding.fetching(Confirm.ask(text, default=True))
    if hosts := understanding.refused_hosts:
        named = escape(", ".join(hosts))
        text = f"Also from {named}, of a private network? Only if {'it is' if len(hosts) == 1 else 'they are'} yours."
        if Confirm.ask(text, default=False):
            understanding = understanding.fetching(True, tuple(hosts))
    return understanding


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign or not ours.strip() or not theirs.strip():
        raise OptionError(
            value=f"column (--column) is '{text}'",
            rule="it must be ours=yours",
            remedy="write it as price=Preis",
        )
    return ours.strip(), theirs.strip()
