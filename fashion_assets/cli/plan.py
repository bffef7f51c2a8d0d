"""`fashion plan`: what would run, why, and what it would take."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json, progress_shown
from fashion_assets.cli.quarantine import exit_on_losses

if TYPE_CHECKING:
    from fashion_assets.app.plan import RunPlan


def plan(
    all_batches: Annotated[bool, typer.Option("--all", help="Plan every batch, as for `fashion run --all`.")] = False,
    ingest: Annotated[
        bool, typer.Option("--ingest", help="Read the source first, as `fashion run` does; this writes tables.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Report which batches would run and why, and the questions, time, tokens and money that they would take.

    Nothing is run or inferred, and no model is loaded. Answers in the journal cost nothing; the others are estimated
    from what the model's latest answers took. The plan compares with the last ingest; `--ingest` reads the source
    first, to include what has changed there since.

    Examples: `fashion plan`, `fashion plan --ingest`, `fashion plan --all --json`
    """
    with Shop.open() as shop, progress_shown():
        run_plan = shop.plan(all_batches, ingest)
    if as_json:
        print_json(run_plan)
    else:
        _print(run_plan)
    if ingest:
        exit_on_losses(run_plan.failed_loss_checks)


def _print(run_plan: "RunPlan") -> None:
    for batch, reasons in run_plan.stopped_by_gates.items():
        output.print(f"[red]{batch} is stopped by its gates[/]: {escape(' '.join(reasons))}")
    if not run_plan.batches:
        output.print(escape(" ".join(run_plan.sentences())), highlight=False)
        return
    table = Table("batch", "why", "products", "photos to describe", "questions", title="Would run")
    table.title_justify = "left"
    for batch in run_plan.batches:
        count = sum(batch.questions.values())
        table.add_row(batch.batch, ", ".join(batch.reasons), f"{batch.products:,}", f"{batch.photos:,}", f"{count:,}")
    output.print(table)
    for line in run_plan.sentences():
        output.print(escape(line), highlight=False)
    if run_plan.pilot_refusal is not None:
        output.print(f"[yellow]{escape(run_plan.pilot_refusal)}[/]", highlight=False)
