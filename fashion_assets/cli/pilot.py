"""`fashion pilot`: 100 products first, a verdict on prompts and model, and a forecast for the full catalog."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.cli.accuracy import known_labels
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.run import ensure_catalog
from fashion_assets.extraction.pilot_guard import PilotRecord, PilotVerdict
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.quality.pilot.compare import Comparison
from fashion_assets.quality.pilot.summary import NEXT_STEP, criteria_rows, forecast_lines
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore

_COLOURS = {PilotVerdict.PROCEED: "green", PilotVerdict.REFINE: "yellow", PilotVerdict.RECONSIDER: "red"}


def pilot(
    compare: Annotated[
        Path | None,
        typer.Option(help="Folder of other prompts: ask the same products with both sets, and say which is better."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="With --compare: hand labels to go by; by default the random audit's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask about some 100 products first, and say whether these prompts and this model may describe the whole catalog.

    One photo is asked about before all, so that a broken set-up fails in seconds. Then come a sample of every article
    type, 20 watches and 20 t-shirts, empty photos, and products with other products' photos. The verdict - PROCEED,
    REFINE PROMPTS or RECONSIDER - is kept for these prompts and this model; more than one batch is run only after a
    PROCEED. Exit code 1 means that it is something else.

    Examples: `fashion pilot`, `fashion pilot --compare my_prompts`
    """
    settings = load_settings()
    with progress_shown():
        ensure_catalog(settings)
        with Pipeline(settings) as pipeline:
            pipeline.ingest()
            if compare is not None:
                comparison = pipeline.compare_prompts(compare, _labels(labels, pipeline.store, settings))
            else:
                record = pipeline.pilot()
    if compare is not None:
        if as_json:
            output.print_json(json.dumps(asdict(comparison)))
        else:
            print_comparison(comparison)
        return
    if as_json:
        output.print_json(
            json.dumps(asdict(record) | {"verdict": record.verdict.value, "decided_at": record.decided_at.isoformat()})
        )
    else:
        print_pilot(record)
    if record.verdict is not PilotVerdict.PROCEED:
        raise typer.Exit(1)


def print_comparison(found: Comparison) -> None:
    """Which prompts are better, and by what."""
    output.print(f"present: {found.present_version}\nother: {found.other_version}", highlight=False, markup=False)
    table = Table("measure", "products", "present", "other", "only present", "only other", "p")
    for one in (*found.details, found.decisive):
        counts = (one.products, one.present, one.other, one.only_present, one.only_other)
        table.add_row(one.what, *map(str, counts), f"{one.p_value:.3f}")
    output.print(table)
    output.print(found.in_words(), highlight=False)


def _labels(file: Path | None, store: TableStore, settings: Settings) -> pl.DataFrame | None:
    labels = read_labels(file) if file else known_labels(store, settings)
    return None if labels.is_empty() else labels


def print_pilot(record: PilotRecord) -> None:
    """The verdict first, then why, and what the full catalog would take."""
    output.print(f"[bold {_COLOURS[record.verdict]}]{record.verdict}[/] for {escape(record.model_id)}", highlight=False)
    if record.verdict is not PilotVerdict.PROCEED:
        for reason in record.reasons:
            output.print(f"  - {escape(reason)}", highlight=False)
    table = Table("criterion", "found", "for PROCEED", "RECONSIDER if")
    for row in criteria_rows(record.figures):
        table.add_row(*row)
    output.print(table)
    for line in (*forecast_lines(record.figures), NEXT_STEP[record.verdict]):
        output.print(escape(line), highlight=False)
