"""`fashion plan`: what would run, why, and what it would take."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json, progress_shown

if TYPE_CHECKING:
    from fashion_assets.app.plan import RunPlan


def plan(
    all_batches: Annotated[bool, typer.Option("--all", help="As for `fashion run --all`: every batch.")] = False,
    ingest: Annotated[
        bool, typer.Option("--ingest", help="Read the source first, as `fashion run` does; this writes tables.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which batches would run and why, what would be asked of the model, and the time, tokens and money of that.

    Nothing is run or asked, and no model is loaded. Answers in the journal cost nothing; the others are estimated by
    what the model's latest answers took. The plan compares with the last ingest: what has changed in the source since
    is seen with `--ingest`.

    Examples: `fashion plan`, `fashion plan --ingest`, `fashion plan --all --json`
    """
    with Shop.open() as shop, progress_shown():
        found = shop.plan(all_batches, ingest)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: "RunPlan") -> None:
    for batch, reasons in found.stopped_by_gates.items():
        output.print(f"[red]{batch} is stopped by its gates[/]: {escape(' '.join(reasons))}")
    if not found.batches:
        output.print(*found.sentences())
        return
    table = Table("batch", "why", "products", "photos to ask about", "questions", title="Would run")
    table.title_justify = "left"
    for batch in found.batches:
        asked = sum(batch.questions.values())
        table.add_row(batch.batch, ", ".join(batch.reasons), f"{batch.products:,}", f"{batch.photos:,}", f"{asked:,}")
    output.print(table)
    for line in found.sentences():
        output.print(escape(line), highlight=False)
    if found.pilot_refusal is not None:
        output.print(f"[yellow]{escape(found.pilot_refusal)}[/]", highlight=False)
