"""`fashion run`: ingest, the selected batches, and the index."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.exit_codes import ExitCode
from fashion_assets.cli.quarantine import exit_on_losses

if TYPE_CHECKING:
    from fashion_assets.app.pipeline import BatchOutcome


def run(
    batch: Annotated[
        list[str] | None, typer.Option("--batch", help="Run this batch even if it has not changed; may be repeated.")
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Run batches that have changed (the default).")] = False,
    all_batches: Annotated[bool, typer.Option("--all", help="Run every batch.")] = False,
    until: Annotated[str | None, typer.Option(help="Stop after this asset, as `extracted_attributes`.")] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Run several batches even without a pilot that decided PROCEED."),
    ] = False,
) -> None:
    """Ingest the source, run batches from products to vectors, and sync the search index.

    Existing answers and vectors are reused, so running everything again costs little.

    Examples: `fashion run`, `fashion run --batch batch_00003`, `fashion run --all --until extracted_attributes`
    """
    with Shop.open() as shop, progress_shown():
        result = shop.run(batch, changed=changed, all_batches=all_batches, until=until, force=force)
    print_outcomes(result.outcomes)
    exit_on_losses(result.failed_loss_checks)
    if result.stopped:
        raise typer.Exit(ExitCode.STOPPED)


def print_outcomes(outcomes: "Sequence[BatchOutcome]") -> None:
    """Print which batches were stopped and why, and what to do about it."""
    if not outcomes:
        output.print("Nothing has changed; every batch is up to date.")
    for outcome in outcomes:
        if not outcome.is_blocked:
            continue
        output.print(f"[bold red]{outcome.batch} was stopped by its quality gates:[/]")
        for reason in outcome.reasons:
            output.print(f"  - {escape(reason)}", highlight=False)
        output.print(
            "  Its new rows are not served until the gates pass; inspect it with `fashion status` or `make ui`."
        )
