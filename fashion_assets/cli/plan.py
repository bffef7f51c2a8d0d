"""`fashion plan`: what would run, why, and what it would take."""

import dataclasses
import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.pipeline import Pipeline, present_versions
from fashion_assets.automation.forecast import Estimate, Forecast, forecast
from fashion_assets.automation.planning import plan_batches
from fashion_assets.automation.resources import build_resources
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.run import ensure_catalog
from fashion_assets.errors import PilotRefused
from fashion_assets.extraction.pilot_guard import PilotGuard
from fashion_assets.orchestration.progress import spoken_time
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore

_NOT_INCLUDED = (
    "The time is the model's own. Loading it, reading photos where that is slower, embeddings, Dagster's steps and the "
    "index come on top."
)


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
    settings = load_settings()
    if ingest:
        with progress_shown():
            ensure_catalog(settings)
            with Pipeline(settings) as pipeline:
                pipeline.ingest()
    found = make_forecast(settings, all_batches)
    if as_json:
        output.print_json(json.dumps(forecast_as_dict(found)))
    else:
        _print(found, settings)


def make_forecast(settings: Settings, all_batches: bool = False) -> Forecast:
    """The forecast for these settings, from the tables alone."""
    store, resources = TableStore(settings.tables_uri), build_resources(settings)
    return forecast(
        store,
        plan_batches(store, present_versions(settings)),
        resources.prompts.questions(resources.shop.taxonomy),
        resources.vlm.identity(),
        all_batches=all_batches,
        at_once=resources.vlm.requests_at_once,
        price_per_hour=settings.price_per_hour,
    )


def needs_pilot(found: Forecast, settings: Settings) -> PilotRefused | None:
    """Why `fashion run` would refuse the planned batches, if it would."""
    versions = present_versions(settings)
    guard = PilotGuard.of(TableStore(settings.tables_uri), versions.prompts, versions.vlm)
    is_refused = any(guard.refuses(batch.batch, is_backfill=len(found.batches) > 1) for batch in found.batches)
    return guard.refusal() if is_refused else None


def forecast_as_dict(found: Forecast) -> dict:
    """What `fashion plan --json` prints."""
    return {
        "model": found.model_id,
        "batches": [dataclasses.asdict(batch) for batch in found.batches],
        "stopped_by_gates": {plan.batch: plan.verdict.reasons for plan in found.stopped},
        "photos": found.photos,
        "questions": found.questions,
        "estimate": None if found.estimate is None else dataclasses.asdict(found.estimate),
    }


def _print(found: Forecast, settings: Settings) -> None:
    for stopped in found.stopped:
        output.print(f"[red]{stopped.batch} is stopped by its gates[/]: {escape(' '.join(stopped.verdict.reasons))}")
    if not found.batches:
        output.print(nothing_would_run(TableStore(settings.tables_uri)))
        return
    table = Table("batch", "why", "products", "photos to ask about", "questions", title="Would run")
    table.title_justify = "left"
    for batch in found.batches:
        asked = sum(batch.questions.values())
        table.add_row(batch.batch, ", ".join(batch.reasons), f"{batch.products:,}", f"{batch.photos:,}", f"{asked:,}")
    output.print(table)
    for line in lines_of(found, settings.price_per_hour is not None):
        output.print(escape(line), highlight=False)
    waiting = needs_pilot(found, settings)
    if waiting:
        output.print(f"[yellow]{escape(str(waiting))}[/]", highlight=False)


def nothing_would_run(store: TableStore) -> str:
    """Why no batch would run."""
    if store.version(INGESTED_PRODUCTS) < 0:
        return "Nothing has been ingested yet, so there is nothing to plan; `fashion plan --ingest` reads the source."
    return "Nothing would run: no batch has changed as of the last ingest; `fashion plan --ingest` reads the source."


def lines_of(found: Forecast, has_price: bool) -> list[str]:
    """The sums, in sentences."""
    total = sum(found.questions.values())
    each = ", ".join(f"{name} {count:,}" for name, count in found.questions.items())
    lines = [
        f"Batches: {len(found.batches):,}. Photos: {found.photos:,}. Questions to {found.model_id}: {total:,} ({each})."
    ]
    if not total:
        return [*lines, "All answers are in the journal; nothing would be asked."]
    if found.estimate is None:
        return [
            *lines,
            "What that takes cannot be estimated, because this model has not answered anything yet: `fashion pilot` "
            "asks about 100 products and forecasts the full catalog.",
        ]
    return [*lines, *_estimate_lines(found.estimate, has_price), _NOT_INCLUDED]


def _estimate_lines(estimate: Estimate, has_price: bool) -> list[str]:
    return [
        f"About {spoken_time(estimate.seconds)} in the model, {estimate.prompt_tokens:,} tokens in and "
        f"{estimate.answer_tokens:,} out, by its latest {estimate.measured:,} answers.",
        f"About {estimate.cost:,.2f} at that time's price."
        if has_price
        else "FASHION_PRICE_PER_HOUR, the price of an hour of the machine, would tell the money too.",
    ]
