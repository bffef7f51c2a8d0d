"""`fashion accuracy`: the model's answers compared with hand labels."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from fashion_assets.app.accuracy import FEWEST_LABELS, AccuracyReport
from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json

if TYPE_CHECKING:
    import polars as pl

_MOST_CONFUSIONS = 10


def accuracy(
    labels: Annotated[
        Path | None,
        typer.Argument(
            help="CSV file of hand labels. Default: the answers to the random audit, or the demo catalog's own truth."
        ),
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Use the answers to the random audit, even for the demo catalog.")
    ] = False,
    precision: Annotated[
        float,
        typer.Option(min=0.5, max=1.0, help="Report above which probability this share is right."),
    ] = 0.95,
    confusions: Annotated[str | None, typer.Option(help="Show what values of this attribute are mistaken for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the model's raw answers with hand labels: accuracy with 95 % intervals, calibration, confusions.

    The file has a column `product_id` and any of the attributes; several details or keywords are separated by "|".
    Corrections are not used, because they would hide what the model gets wrong.

    Without a file, the answers to the random audit of `fashion review` are used; the demo catalog has its own truth.

    Examples: `fashion accuracy`, `fashion accuracy --audit`,
    `fashion accuracy labels.csv --precision 0.98 --confusions material`
    """
    report = Shop.open().accuracy(labels, audit=audit, precision=precision, confusions=confusions)
    if as_json:
        print_json(report)
        return
    output.print(_accuracy_table(report))
    output.print(_calibration_table(report))
    if confusions and report.confusions is not None:
        output.print(_confusion_table(report.confusions, confusions))
    if report.has_few_labels:
        fewest = report.fewest_labels
        output.print(f"Some attributes have only {fewest} labels; {FEWEST_LABELS} or more make the intervals useful.")


def _accuracy_table(report: AccuracyReport) -> Table:
    table = Table("attribute", "measure", "labels", "score", "95 % interval", "goal")
    marks = {True: "[green]reached[/]", False: "[red]missed[/]", None: ""}
    for score in report.scores:
        goal = "" if score.goal is None else f"> {score.goal:.0%} {marks[score.reaches_goal]}"
        is_measured = not math.isnan(score.score)
        figures = (f"{score.score:.1%}", f"{score.low:.1%} to {score.high:.1%}") if is_measured else ("-", "-")
        table.add_row(score.attribute, score.measure, f"{score.labels:,}", *figures, goal)
    return table


def _calibration_table(report: AccuracyReport) -> Table:
    table = Table("attribute", "calibration error", f"{report.precision:.0%} right from probability", "keeps")
    for column, calibration in report.calibrations.items():
        threshold = report.thresholds[column]
        figures = (f"{threshold.probability:.2f}", f"{threshold.kept:.0%}") if threshold else ("never", "-")
        table.add_row(column, f"{calibration.error:.3f}", *figures)
    return table


def _confusion_table(mistakes: "pl.DataFrame", column: str) -> Table:
    table = Table("label", "answer", "products", title=f"{column}: the most frequent mistakes", title_justify="left")
    for label, answer, products in mistakes.head(_MOST_CONFUSIONS).iter_rows():
        table.add_row(label, answer or "-", f"{products:,}")
    return table
