"""`fashion accuracy`: the model's answers against hand labels."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from fashion_assets.cli.console import output
from fashion_assets.errors import NotComputed, OptionError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.accuracy import Accuracy, accuracies, confusion, judged_answers
from fashion_assets.quality.labels.calibration import Calibration, Threshold, calibration_of, threshold_for
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.quality.labels.random_audit import read_audit_labels
from fashion_assets.settings import Settings, load_settings
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore

_FEWEST_LABELS = 50
_MOST_CONFUSIONS = 10
_VALUE_COLUMNS = tuple(field.column for field in SHIPPED.taxonomy.single_valued)


def accuracy(
    labels: Annotated[
        Path | None,
        typer.Argument(
            help="CSV file of hand labels; by default the random audit's answers, or the demo catalog's own truth."
        ),
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Measure by the random audit's answers, also of the demo catalog.")
    ] = False,
    precision: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="For which share of right answers to look for a probability.")
    ] = 0.95,
    confusions: Annotated[str | None, typer.Option(help="Show what this attribute is mistaken for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the model's raw answers with hand labels: accuracy with 95 % intervals, calibration, confusions.

    The file has a column `product_id` and any of the attributes; several details or keywords are separated by "|".
    Corrections do not count: they would hide what the model gets wrong.

    Without a file, what people answered in the random audit of `fashion review` counts; the demo catalog has its own.

    Examples: `fashion accuracy`, `fashion accuracy --audit`,
    `fashion accuracy labels.csv --precision 0.98 --confusions material`
    """
    settings = load_settings()
    if confusions is not None and confusions not in _VALUE_COLUMNS:
        raise OptionError(
            value=f"--confusions is '{confusions}'",
            rule="it must be an attribute with one value",
            remedy=f"use one of {', '.join(_VALUE_COLUMNS)}",
        )
    if labels is not None and audit:
        raise OptionError(
            value=f"'{labels}' and --audit are both given",
            rule="they exclude each other",
            remedy="give one of them",
        )
    store = TableStore(settings.tables_uri)
    labelled = read_labels(labels) if labels else _own_labels(store, settings, audit)
    attributes = store.read(EXTRACTED_ATTRIBUTES, among={"product_id": labelled["product_id"].to_list()})
    found = accuracies(attributes, labelled)
    if not any(one.labels for one in found):
        raise NotComputed(
            value="None of the labelled products has been looked at",
            rule="labels are compared with answers",
            remedy="compare their ids with `fashion status`, or run `fashion run` first",
        )
    columns = [column for column in _VALUE_COLUMNS if column in labelled.columns]
    judged = {column: judged_answers(attributes, labelled, column) for column in columns}
    calibrations = {column: calibration_of(some) for column, some in judged.items()}
    thresholds = {column: threshold_for(some, precision) for column, some in judged.items()}
    if as_json:
        plain = {
            "accuracy": [asdict(one) for one in found],
            "calibration_error": {column: calibration.error for column, calibration in calibrations.items()},
            "thresholds": {column: asdict(one) if one else None for column, one in thresholds.items()},
        }
        output.print_json(json.dumps(_without_nan(plain)))
        return
    output.print(_accuracy_table(found))
    output.print(_calibration_table(calibrations, thresholds, precision))
    if confusions:
        output.print(_confusion_table(confusion(attributes, labelled, confusions).rows(), confusions))
    fewest = min(one.labels for one in found)
    if fewest < _FEWEST_LABELS:
        output.print(f"Some attributes have only {fewest} labels; {_FEWEST_LABELS} or more make the intervals useful.")


def known_labels(store: TableStore, settings: Settings, audit: bool = False) -> pl.DataFrame:
    """The demo catalog's truth; of another catalog, or where `audit` is asked for, what people answered so far."""
    if settings.own_labels is not None and not audit:
        return read_labels(settings.own_labels)
    return read_audit_labels(store)


def _own_labels(store: TableStore, settings: Settings, audit: bool) -> pl.DataFrame:
    labelled = known_labels(store, settings, audit)
    if labelled.is_empty():
        raise NotComputed(
            value="No labels are given, and nobody has answered the random audit yet",
            rule="accuracy is measured against labels",
            remedy="answer it with `fashion review --by NAME`, or name a CSV file of hand labels",
        )
    return labelled


def _accuracy_table(found: list[Accuracy]) -> Table:
    table = Table("attribute", "measure", "labels", "score", "95 % interval", "goal")
    marks = {True: "[green]reached[/]", False: "[red]missed[/]", None: ""}
    for one in found:
        goal = "" if one.goal is None else f"> {one.goal:.0%} {marks[one.reaches_goal]}"
        figures = ("-", "-") if math.isnan(one.score) else (f"{one.score:.1%}", f"{one.low:.1%} to {one.high:.1%}")
        table.add_row(one.attribute, one.measure, f"{one.labels:,}", *figures, goal)
    return table


def _calibration_table(
    calibrations: dict[str, Calibration], thresholds: dict[str, Threshold | None], precision: float
) -> Table:
    table = Table("attribute", "calibration error", f"{precision:.0%} right from probability", "keeps")
    for column, calibration in calibrations.items():
        threshold = thresholds[column]
        figures = (f"{threshold.probability:.2f}", f"{threshold.kept:.0%}") if threshold else ("never", "-")
        table.add_row(column, f"{calibration.error:.3f}", *figures)
    return table


def _confusion_table(rows: list[tuple[str, str | None, int]], column: str) -> Table:
    table = Table("label", "answer", "products", title=f"{column}: the most frequent mistakes", title_justify="left")
    for label, answer, products in [row for row in rows if row[0] != row[1]][:_MOST_CONFUSIONS]:
        table.add_row(label, answer or "-", f"{products:,}")
    return table


def _without_nan(value: object) -> object:
    """JSON has no NaN: null instead."""
    if isinstance(value, dict):
        return {name: _without_nan(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
