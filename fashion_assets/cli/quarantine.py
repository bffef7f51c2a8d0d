"""`fashion quarantine`: what the last ingest left out, and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import errors, output, print_json
from fashion_assets.cli.exit_codes import ExitCode

MOST_ROWS = 50


def quarantine(
    export: Annotated[Path | None, typer.Option("--export", help="Write all rows to this CSV file.")] = None,
    limit: Annotated[int, typer.Option("-n", min=1, help="Rows to list.")] = MOST_ROWS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all rows.")] = False,
) -> None:
    """List the source's rows that are no products, each with its reason, and count what else could not be read.

    Rows that break a rule are quarantined; rows that the shop's file excludes are left out on purpose.

    Examples: `fashion quarantine`, `fashion quarantine --export lost.csv`
    """
    quarantined = Shop.open().quarantine
    if as_json:
        print_json({"losses": quarantined.losses, "rows": quarantined.rows.to_dicts()})
        return
    if export is not None:
        output.print(f"{quarantined.export(export):,} rows are in {escape(str(export))}.", highlight=False)
        return
    if not quarantined.is_ingested:
        output.print("Nothing has been ingested yet; `fashion plan --ingest` reads the source.")
        return
    if not quarantined.losses:
        output.print("Nothing was lost: every row of the source is a product with a photo.")
        return
    print_losses(quarantined.losses.sentences())
    table = Table("line", "reason", "row")
    for row in quarantined.rows.head(limit).iter_rows(named=True):
        table.add_row(str(row["line_number"]), escape(row["reason"]), escape(row["raw_line"][:80]))
    if table.row_count:
        output.print(table)
    if len(quarantined.rows) > limit:
        output.print(f"{len(quarantined.rows) - limit:,} more rows; `--export FILE` writes all.")


def exit_on_losses(failed_checks: Sequence[str]) -> None:
    """Exit with 1, naming the checks on losses that did not pass, if there are any."""
    for check in failed_checks:
        errors.print(f"[yellow]Too much was lost[/]: {escape(check)}", highlight=False, soft_wrap=True)
    if failed_checks:
        errors.print("`fashion quarantine` lists it.", highlight=False)
        raise typer.Exit(ExitCode.STOPPED)


def print_losses(sentences: list[str]) -> None:
    """Print losses, if there are any."""
    for sentence in sentences:
        output.print(escape(sentence), highlight=False, soft_wrap=True)
