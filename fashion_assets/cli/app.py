"""The `fashion` application: its commands, and how errors become exit codes (see `exit_codes.py`)."""

import gc
import logging
import sys
import traceback
import warnings

import click
import typer
from rich.markup import escape
from typer.main import get_command

from fashion_assets.app.places import unwritable_place
from fashion_assets.cli import (
    accept,
    accuracy,
    alerts,
    check,
    corrections,
    demo,
    doctor,
    evaluate_search,
    index,
    init,
    journal,
    override,
    pilot,
    plan,
    quarantine,
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
from fashion_assets.cli.exit_codes import ExitCode
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
_COMMANDS = (
    init.init, check.check, quarantine.quarantine, plan.plan, pilot.pilot, run.run, retry.retry, override.override,
    accept.accept, status.status, accuracy.accuracy, review.review, report.report, search.search,
    evaluate_search.evaluate_search, show.show, doctor.doctor, ui.ui,
)  # fmt: skip
for command in _COMMANDS:
    app.command()(command)


_RARE_COLLECTIONS = (50_000, 25, 25)
"""Imports make a million objects that stay; looking through them as often as Python does by default takes an eighth of
the CPU seconds of a run that has nothing to do, and the peak of memory is the same."""


def main() -> None:
    """Entry point of the console script."""
    warnings.filterwarnings("ignore")
    gc.set_threshold(*_RARE_COLLECTIONS)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    try:
        code = with_argument_help(get_command(app))(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = ExitCode.REFUSED
    except Exception as error:
        code = _code_of(error)
    if code == ExitCode.INTERRUPTED:
        errors.print("Interrupted. All answers so far are in the journal; the same command continues from here.")
    sys.exit(code)


def _code_of(error: Exception) -> int:
    """Print a sentence for an error that was foreseen, or else a traceback; returns the exit code."""
    known = error if isinstance(error, FashionError) else unwritable_place(error)
    if known is None:
        traceback.print_exception(error)
        return ExitCode.BUG
    errors.print(f"[bold red]Error:[/] {escape(str(known))}", highlight=False, soft_wrap=True)
    return known.exit_code
