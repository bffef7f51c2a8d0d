"""`fashion doctor`: what is damaged in the home, and repairing it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json
from fashion_assets.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from fashion_assets.app.doctor import Diagnosis


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Set aside what is damaged, keep all that can be read, and delete nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Examine tables, index, fetched photos, Dagster's databases, locks, disk and libraries: what is wrong, what to do.

    `--repair` moves damaged files to `damaged` in FASHION_HOME. What is computed is then computed again by `fashion
    run`; of what is not, all that can be read is kept, and the rest is named. The exit code is 0 if all is well.

    Examples: `fashion doctor`, `fashion doctor --repair`
    """
    with Shop.open() as shop:
        diagnosis = shop.doctor(repair=repair)
    if as_json:
        print_json(diagnosis)
    else:
        _print(diagnosis)
    if not diagnosis.is_well:
        raise typer.Exit(ExitCode.DAMAGED)


def _print(diagnosis: "Diagnosis") -> None:
    for sentence in diagnosis.repairs:
        output.print(f"[yellow]repaired[/] {escape(sentence)}", highlight=False, soft_wrap=True)
    for finding in diagnosis.findings:
        mark = "[green]ok[/]" if finding.is_well else "[red]problem[/]"
        remedy = "" if finding.remedy is None else f"; {finding.remedy}"
        output.print(f"{mark} {escape(f'{finding.what}: {finding.detail}{remedy}')}", highlight=False, soft_wrap=True)
