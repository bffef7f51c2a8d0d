"""The `fashion` application: its commands, and how errors become exit codes.

Exit codes: 0 when all is well; 1 when a quality gate stopped a batch, or a pilot decided anything but PROCEED; 2 for
bad usage, a bad setting, or something that cannot run; 130 after Ctrl-C.
"""

import logging
import sys
import warnings

import click
import typer
from rich.markup import escape
from typer.main import get_command

from fashion_assets.cli import (
    accept,
    accuracy,
    alerts,
    corrections,
    demo,
    evaluate_search,
    index,
    journal,
    override,
    pilot,
    plan,
    report,
    retry,
    review,
    run,
    search,
    show,
    status,
    ui,
)
from fashion_assets.cli.argument_help import with_argument_help
from fashion_assets.cli.console import errors
from fashion_assets.errors import FashionError

app = typer.Typer(
    name="fashion",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Describe every product photo with attributes of proven quality, and search by them.",
    epilog="Settings come from the environment or `.env`; `docs/settings.md` lists them all.",
)
app.add_typer(demo.app, name="demo")
app.add_typer(journal.app, name="journal")
app.add_typer(corrections.app, name="corrections")
app.add_typer(index.app, name="index")
app.add_typer(alerts.app, name="alerts")
app.command()(plan.plan)
app.command()(pilot.pilot)
app.command()(run.run)
app.command()(retry.retry)
app.command()(override.override)
app.command()(accept.accept)
app.command()(status.status)
app.command()(accuracy.accuracy)
app.command()(review.review)
app.command()(report.report)
app.command()(search.search)
app.command()(evaluate_search.evaluate_search)
app.command()(show.show)
app.command()(ui.ui)


INTERRUPTED = 130
"""The exit code that typer returns after Ctrl-C."""


def main() -> None:
    """Entry point of the console script."""
    warnings.filterwarnings("ignore")
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    try:
        code = with_argument_help(get_command(app))(standalone_mode=False)
    except FashionError as error:
        errors.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = 2
    if code == INTERRUPTED:
        errors.print("Interrupted. All answers so far are in the journal; the same command continues from here.")
    sys.exit(code)
