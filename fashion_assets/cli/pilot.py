"""`fashion pilot`: about 100 products, a verdict on prompts and model, and a forecast for the full catalog."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json, progress_shown
from fashion_assets.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from fashion_assets.app.pilot import Comparison, PilotResult

_COLOURS = {"PROCEED": "green", "REFINE PROMPTS": "yellow", "RECONSIDER": "red"}


def pilot(
    compare: Annotated[
        Path | None,
        typer.Option(
            help="Folder of other prompts: describe the same products with both, and report which are better."
        ),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="With --compare: file of hand labels. Default: the answers to the random audit.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Describe about 100 products, and decide whether these prompts and this model may describe the whole catalog.

    One photo comes first, so that a broken set-up fails in seconds. Then come a sample of every article type, 20
    watches and 20 t-shirts, empty photos, and products shown with other products' photos. The verdict (PROCEED, REFINE
    PROMPTS or RECONSIDER) holds for these prompts and this model; more than one batch runs only after a PROCEED. With
    any other verdict the exit code is 1.

    Examples: `fashion pilot`, `fashion pilot --compare my_prompts`
    """
    with Shop.open() as shop, progress_shown():
        result = shop.pilot() if compare is None else None
        comparison = None if compare is None else shop.compare_prompts(compare, labels)
    if as_json:
        print_json(result or comparison)
    elif comparison is not None:
        print_comparison(comparison)
    elif result is not None:
        print_pilot(result)
    if result is not None and not result.may_proceed:
        raise typer.Exit(ExitCode.STOPPED)


def print_comparison(comparison: "Comparison") -> None:
    """Print which prompts are better, and by which measures."""
    output.print(
        f"present: {comparison.present_version}\nother: {comparison.other_version}", highlight=False, markup=False
    )
    table = Table("measure", "products", "present", "other", "only present", "only other", "p")
    for pair in (*comparison.details, comparison.decisive):
        counts = (pair.products, pair.present, pair.other, pair.only_present, pair.only_other)
        table.add_row(pair.what, *map(str, counts), f"{pair.p_value:.3f}")
    output.print(table)
    output.print(comparison.in_words(), highlight=False)


def print_pilot(result: "PilotResult") -> None:
    """Print the verdict, its reasons, and what the full catalog would take."""
    verdict = f"[bold {_COLOURS[result.verdict]}]{result.verdict}[/]"
    output.print(f"{verdict} for {escape(result.record.model_id)}", highlight=False)
    for reason in result.reasons:
        output.print(f"  - {escape(reason)}", highlight=False)
    table = Table("criterion", "measured", "for PROCEED", "RECONSIDER if")
    for row in result.criteria():
        table.add_row(*row)
    output.print(table)
    for line in result.sentences():
        output.print(escape(line), highlight=False)
