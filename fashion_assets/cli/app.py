"""The `fashion` application: its commands, and how errors leave it.

Exit codes: 0 all well; 1 a quality gate stopped a batch; 2 bad usage, a bad setting, or something that cannot run.
"""

import logging
import sys
import warnings

import typer

from fashion_assets.cli import demo, run, search, show, status, ui
from fashion_assets.cli.console import errors
from fashion_assets.errors import FashionError

app = typer.Typer(
    name="fashion",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Look at every product photo, turn what is seen into attributes, prove them, and search by them.",
    epilog="Settings come from the environment or `.env`; the README lists them all.",
)
app.add_typer(demo.app, name="demo")
app.command()(run.run)
app.command()(status.status)
app.command()(search.search)
app.command()(show.show)
app.command()(ui.ui)


def main() -> None:
    """Entry point of the console script."""
    warnings.filterwarnings("ignore")
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    try:
        app()
    except FashionError as error:
        errors.print(f"[bold red]Error:[/] {error}", highlight=False, markup=True, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print("Interrupted; what was answered is in the journal, so the same command goes on from here.")
        sys.exit(130)
