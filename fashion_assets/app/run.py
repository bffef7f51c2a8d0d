"""One run of the pipeline: ingest, pilot if one is needed, the selected batches, and the index.

Each step is logged when it ends (logger `fashion_assets.app.run`, level INFO). How a Dagster job is executed belongs to
`pipeline.py`.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fashion_assets.app.catalog import ensure_catalog
from fashion_assets.app.pipeline import BatchOutcome, Pipeline
from fashion_assets.app.quarantine import Quarantine
from fashion_assets.automation.planning import BatchPlan
from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import OptionError, UnknownBatch
from fashion_assets.extraction.cost import cost_in_words
from fashion_assets.extraction.pilot_guard import PilotVerdict
from fashion_assets.orchestration.progress import reporting
from fashion_assets.storage.recomputing import lost_batches

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunResult:
    """How the run of each batch ended; empty when nothing had changed.

    `failed_loss_checks` are the checks on what the ingest lost that did not pass, with their reasons.
    """

    outcomes: tuple[BatchOutcome, ...]
    failed_loss_checks: tuple[str, ...] = ()

    @property
    def stopped(self) -> tuple[BatchOutcome, ...]:
        """The batches that their quality gates stopped."""
        return tuple(outcome for outcome in self.outcomes if outcome.is_blocked)


def run_pipeline(
    pipeline: Pipeline,
    batches: Sequence[str] | None = None,
    all_batches: bool = False,
    until: str | None = None,
    force: bool = False,
    pilot_first: bool = False,
) -> list[BatchOutcome]:
    """Ingest, run the selected batches (by default those that changed), and sync the index.

    Raises PilotRefused when a pilot is needed, unless `force`; `pilot_first` runs one if there is none yet. Raises
    UnknownBatch, and RunFailed for a failure that is not a gate's.
    """
    ingest_source(pipeline)
    if not lost_batches(pipeline.store.uri, EMBEDDINGS):  # else what is served would go until the batches are done
        _refresh_index(pipeline)  # withdrawals and prices do not wait for the batches
    plans = pipeline.plan()
    selected = _selected(plans, batches, all_batches)
    is_only_loading = until == PRODUCTS.asset
    if is_only_loading and len(selected) == len(plans) > 1:
        return _load_all(pipeline, plans)
    if not force and not is_only_loading:
        _require_pilot(pipeline, selected, pilot_first)
    outcomes = {
        plan.batch: BatchOutcome(plan.batch, True, plan.verdict.reasons)
        for plan in plans
        if plan.verdict is not None and plan.is_blocked
    }
    for number, plan in enumerate(selected, start=1):
        outcome = _run_batch(pipeline, plan, until, force, selected[number:])
        outcomes.pop(plan.batch, None)  # keeps the order of the runs
        outcomes[plan.batch] = outcome
    if selected and not is_only_loading:
        pipeline.judge_catalog()
    if until is None:
        _refresh_index(pipeline)
    return list(outcomes.values())


def run_checked(
    pipeline: Pipeline, batches: Sequence[str] | None, all_batches: bool, until: str | None, force: bool
) -> RunResult:
    """As `run_pipeline`, with the checks on what the ingest lost; raises OptionError for an unknown asset `until`."""
    pipeline.check_until(until)
    outcomes = run_pipeline(pipeline, batches, all_batches, until, force)
    return RunResult(tuple(outcomes), Quarantine(pipeline.store).failed_checks)


def ingest_source(pipeline: Pipeline) -> None:
    """Read the source, and log at once what was lost, with counts, reasons and first examples."""
    ensure_catalog(pipeline.settings)
    started = time.monotonic()
    pipeline.ingest()
    log.info("ingest: done in %.1f s", time.monotonic() - started)
    for sentence in Quarantine(pipeline.store).losses.sentences():
        log.info("%s", sentence)


def check_selection(is_by_name: bool, is_changed: bool, is_all: bool) -> None:
    """Raise OptionError when batches are selected in more than one way."""
    if sum([is_by_name, is_changed, is_all]) > 1:
        raise OptionError(
            value="More than one of batches (--batch), changed (--changed) and all_batches (--all) is given",
            rule="they exclude each other",
            remedy="give one of them",
        )


def _load_all(pipeline: Pipeline, plans: Sequence[BatchPlan]) -> list[BatchOutcome]:
    started, asset = time.monotonic(), PRODUCTS.asset
    with reporting(f"loading {asset} of all batches"):
        pipeline.run_products()
    log.info("%s of all %s batches: done in %.1f s", asset, len(plans), time.monotonic() - started)
    return [BatchOutcome(plan.batch, False) for plan in plans]


def _run_batch(
    pipeline: Pipeline, plan: BatchPlan, until: str | None, force: bool, later: Sequence[BatchPlan]
) -> BatchOutcome:
    started = time.monotonic()
    outcome = pipeline.run_batch(plan.batch, until, force, [other.batch for other in later])
    end = "stopped by its gates" if outcome.is_blocked else "done"
    why = ", ".join(plan.reasons) or "requested"
    log.info("%s (%s): %s in %.1f s", plan.batch, why, end, time.monotonic() - started)
    if outcome.cost:
        log.info("%s: %s", plan.batch, cost_in_words(outcome.cost))
    if outcome.failures:
        log.info("%s: failed products by code: %s", plan.batch, _failures_in_words(outcome.failures))
    return outcome


def _failures_in_words(failures: Mapping[str, int]) -> str:
    counts = ", ".join(f"{code} {count:,}" for code, count in failures.items())
    is_without_photo = all(code.startswith("photo_") for code in failures)
    remedy = "`fashion run` looks for new photos" if is_without_photo else "`fashion retry --failed` retries them"
    return f"{counts}; {remedy}"


def _require_pilot(pipeline: Pipeline, selected: Sequence[BatchPlan], pilot_first: bool) -> None:
    """Raise PilotRefused before the first batch runs if `extracted_attributes` would refuse the second one."""
    guard = pipeline.pilot_guard()
    if not any(guard.refuses(plan.batch, is_backfill=len(selected) > 1) for plan in selected):
        return
    if not pilot_first or guard.record is not None:
        raise guard.refusal()
    started = time.monotonic()
    record = pipeline.pilot()
    log.info("pilot: %s in %.1f s; see `fashion pilot`", record.verdict, time.monotonic() - started)
    if record.verdict is not PilotVerdict.PROCEED:
        raise pipeline.pilot_guard().refusal()


def _refresh_index(pipeline: Pipeline) -> None:
    reason = pipeline.refresh_index()
    if reason is not None:
        log.info("search index: a new version was built and checked. %s", reason)


def _selected(plans: Sequence[BatchPlan], batches: Sequence[str] | None, all_batches: bool) -> list[BatchPlan]:
    if batches:
        by_name = {plan.batch: plan for plan in plans}
        unknown = [batch for batch in batches if batch not in by_name]
        if unknown:
            raise UnknownBatch(
                value=f"There is no batch {unknown[0]}",
                rule="a run needs a batch that has products",
                remedy=f"name one of {', '.join(by_name) or 'those that `fashion run` makes (none yet)'}",
            )
        return [by_name[batch] for batch in batches]
    return [plan for plan in plans if all_batches or plan.must_run]
