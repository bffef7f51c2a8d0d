"""`fashion run`: ingest, the batches that are asked for, and the index after them."""

import time
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.markup import escape

from fashion_assets.app.pipeline import BatchOutcome, Pipeline, check_until
from fashion_assets.automation.jobs import BATCH_ASSETS
from fashion_assets.automation.planning import BatchPlan
from fashion_assets.cli.console import errors, output, progress_shown
from fashion_assets.demo.catalog import write_demo_catalog
from fashion_assets.errors import OptionError, UnknownBatch
from fashion_assets.extraction.cost import cost_in_words
from fashion_assets.extraction.pilot_guard import PilotVerdict
from fashion_assets.orchestration.progress import reporting
from fashion_assets.settings import Settings, load_settings


def run(
    batch: Annotated[
        list[str] | None, typer.Option("--batch", help="Run this batch, whether it changed or not; may be repeated.")
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Run the batches that changed (the default).")] = False,
    all_batches: Annotated[bool, typer.Option("--all", help="Run every batch.")] = False,
    until: Annotated[str | None, typer.Option(help="Stop after this asset, as `extracted_attributes`.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run several batches although no pilot of these prompts and model proceeds.")
    ] = False,
) -> None:
    """Ingest the source, run batches from products to vectors, and bring the search index in step.

    Answers and vectors that are known already are reused, so running everything again costs little.

    Examples: `fashion run`, `fashion run --batch batch_00003`, `fashion run --all --until extracted_attributes`
    """
    if sum([bool(batch), changed, all_batches]) > 1:
        raise OptionError(
            value="More than one of --batch, --changed and --all is given",
            rule="they exclude each other",
            remedy="give one of them",
        )
    check_until(until)
    with Pipeline(load_settings()) as pipeline, progress_shown():
        outcomes = run_pipeline(pipeline, batch, all_batches, until, force)
    print_outcomes(outcomes)
    if any(outcome.is_blocked for outcome in outcomes):
        raise typer.Exit(1)


def run_pipeline(
    pipeline: Pipeline,
    batches: list[str] | None = None,
    all_batches: bool = False,
    until: str | None = None,
    force: bool = False,
    pilot_first: bool = False,
) -> list[BatchOutcome]:
    """Ingest, run the wanted batches (by default the changed ones), refresh the index; one line of news for each.

    Raises PilotRefused where a pilot is needed, unless `force`; with `pilot_first` one is made if there is none.
    """
    ensure_catalog(pipeline.settings)
    started = time.monotonic()
    pipeline.ingest()
    errors.print(f"ingest: done in {time.monotonic() - started:.1f} s")
    _refresh_index(pipeline)  # withdrawals and prices do not wait for the batches
    plans = pipeline.plan()
    outcomes = [BatchOutcome(plan.batch, True, plan.verdict.reasons) for plan in plans if plan.is_blocked]
    wanted = _wanted(plans, batches, all_batches)
    if until == BATCH_ASSETS[0] and len(wanted) == len(plans) > 1:
        started = time.monotonic()
        with reporting(f"loading {until} of all batches"):
            pipeline.run_products()
        errors.print(f"{until} of all {len(plans)} batches: done in {time.monotonic() - started:.1f} s")
        return [BatchOutcome(plan.batch, False) for plan in plans]
    if not force and until != BATCH_ASSETS[0]:
        _require_pilot(pipeline, wanted, pilot_first)
    for number, plan in enumerate(wanted, start=1):
        started = time.monotonic()
        outcome = pipeline.run_batch(plan.batch, until, force, [later.batch for later in wanted[number:]])
        outcomes = [known for known in outcomes if known.batch != plan.batch] + [outcome]
        why = ", ".join(plan.reasons) or "asked for"
        end = "stopped by its gates" if outcome.is_blocked else "done"
        errors.print(f"{plan.batch} ({why}): {end} in {time.monotonic() - started:.1f} s")
        if outcome.cost:
            errors.print(f"{plan.batch}: {cost_in_words(outcome.cost)}", highlight=False, soft_wrap=True)
        _tell_failures(plan.batch, outcome.failures)
    if wanted and until != BATCH_ASSETS[0]:
        pipeline.judge_catalog()
    if until is None:
        _refresh_index(pipeline)
    return outcomes


def _require_pilot(pipeline: Pipeline, wanted: list[BatchPlan], pilot_first: bool) -> None:
    """Refuse before the first batch what `extracted_attributes` would refuse at the second."""
    guard = pipeline.pilot_guard()
    if not any(guard.refuses(plan.batch, is_backfill=len(wanted) > 1) for plan in wanted):
        return
    if not pilot_first or guard.record is not None:
        raise guard.refusal()
    started = time.monotonic()
    record = pipeline.pilot()
    errors.print(f"pilot: {record.verdict} in {time.monotonic() - started:.1f} s; see `fashion pilot`", highlight=False)
    if record.verdict is not PilotVerdict.PROCEED:
        raise pipeline.pilot_guard().refusal()


def _tell_failures(batch: str, failures: Mapping[str, int]) -> None:
    if failures:
        counts = ", ".join(f"{code} {count:,}" for code, count in failures.items())
        is_for_want_of_photos = all(code.startswith("photo_") for code in failures)
        remedy = "`fashion run` finds new photos" if is_for_want_of_photos else "`fashion retry --failed` asks again"
        errors.print(
            f"{batch}: products that failed, by code: {counts}; {remedy}.",
            highlight=False,
            soft_wrap=True,
        )


def _refresh_index(pipeline: Pipeline) -> None:
    if pipeline.refresh_index():
        errors.print("search index: a new version was built, checked and promoted")


def ensure_catalog(settings: Settings) -> None:
    """Check that there is a source; render the demo catalog if that is it and none is there yet, of whatever size."""
    source = settings.require_source()
    if settings.is_demo_catalog and not source.exists():
        render_catalog(settings)


def render_catalog(settings: Settings) -> None:
    """Render the demo catalog in the size of the settings, unless just that one is there."""
    with reporting("rendering the demo catalog") as progress:
        write_demo_catalog(settings.require_source().parent, settings.demo_products, settings.demo_seed, progress)


def print_outcomes(outcomes: list[BatchOutcome]) -> None:
    """What happened, and what to do about batches that were stopped."""
    if not outcomes:
        output.print("Nothing has changed; every batch is up to date.")
    for outcome in outcomes:
        if not outcome.is_blocked:
            continue
        output.print(f"[bold red]{outcome.batch} was stopped by its quality gates:[/]")
        for reason in outcome.reasons:
            output.print(f"  - {escape(reason)}", highlight=False)
        output.print("  Its rows go no further until the gates pass; look at them with `fashion status` or `make ui`.")


def _wanted(plans: list[BatchPlan], batches: list[str] | None, all_batches: bool) -> list[BatchPlan]:
    if batches:
        known = {plan.batch: plan for plan in plans}
        unknown = [batch for batch in batches if batch not in known]
        if unknown:
            raise UnknownBatch(
                value=f"There is no batch {unknown[0]}",
                rule="a run needs a batch that has products",
                remedy=f"name one of {', '.join(known) or 'those that `fashion run` makes (none yet)'}",
            )
        return [known[batch] for batch in batches]
    return [plan for plan in plans if all_batches or plan.must_run]
