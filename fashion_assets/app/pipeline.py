"""Running the pipeline in this process: the same Dagster jobs as in the UI, in the same instance.

This module decides what runs and in which order; it computes nothing itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
from dagster import (
    AssetKey,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
)

from fashion_assets.app.places import lock_home, open_store
from fashion_assets.automation import jobs
from fashion_assets.automation.batch_flow import batch_flow
from fashion_assets.automation.planning import BatchPlan, Versions, plan_batches, versions_of
from fashion_assets.automation.resources import Resources, build_resources
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.definitions import build_definitions
from fashion_assets.errors import OptionError, RunFailed
from fashion_assets.extraction.batch import ExtractionSetup
from fashion_assets.extraction.cost import COST_FIGURES
from fashion_assets.extraction.pilot_guard import PilotGuard, PilotRecord
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.batches import register_batches
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.orchestration.failed_runs import failed_gates, is_stopped_by_gate, without_failed_step
from fashion_assets.orchestration.instance_errors import instance_errors
from fashion_assets.orchestration.progress import reporting
from fashion_assets.orchestration.run_tags import COMMAND_LINE_TAG, NEXT_BATCHES_TAG, NO_RETRY_TAG
from fashion_assets.orchestration.runs import fail_abandoned_runs
from fashion_assets.orchestration.step_errors import step_error
from fashion_assets.quality.pilot.compare import Comparison
from fashion_assets.search.index.refresh import stale_reason
from fashion_assets.settings import Settings

_RANGE_TAG = "dagster/asset_partition_range"
"""With the suffixes `_start` and `_end`, Dagster's tags for one run over a range of partitions."""

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class BatchOutcome:
    """How a batch's run ended: completed, or stopped by its gates (`is_blocked`) for these reasons.

    `cost` has the figures of `extracted_attributes` by name, and `failures` the number of failed products by code; both
    are empty when the run had no such step.
    """

    batch: str
    is_blocked: bool
    reasons: tuple[str, ...] = ()
    cost: Mapping[str, object] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)


class Pipeline:
    """The project's jobs for one set of settings; a context manager that closes the Dagster instance.

    Only one may be open in a home; raises SettingsError while another one is, and for a home that cannot be used.
    `resources` replace those of the settings; `instance` replaces the local one below FASHION_HOME. Every method that
    runs something raises InstanceUnusable when Dagster's database cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        resources: Resources | None = None,
        instance: DagsterInstance | None = None,
    ):
        self.settings = settings
        self.store = open_store(settings)
        self.resources = resources or build_resources(settings)
        self._definitions: Definitions = build_definitions(settings, self.resources)
        self.flow = batch_flow(self._definitions)
        self._lock = lock_home(settings)
        try:
            with instance_errors(settings.dagster_home):
                self._instance = instance or open_instance(settings.dagster_home)
                fail_abandoned_runs(self._instance)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> "Pipeline":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._instance.dispose()
        self._lock.release()

    def ingest(self) -> None:
        """Read the source; raises RunFailed with the message of the SourceError when it cannot be read."""
        _require_success(self._execute(jobs.INGEST))

    def register_batches(self) -> list[str]:
        """Register every assigned batch as a partition; returns them (none before the first ingest)."""
        batches = self.store.batches(BATCH_ASSIGNMENTS)
        with instance_errors(self.settings.dagster_home):
            register_batches(self._instance, batches)
        return batches

    def plan(self) -> list[BatchPlan]:
        """Every batch and what has changed since it was computed."""
        return plan_batches(self.store, _versions(self.resources))

    def pilot_guard(self) -> PilotGuard:
        """Decides which batches may be described with the present prompts and model."""
        versions = _versions(self.resources)
        return PilotGuard.of(self.store, versions.prompts, versions.vlm)

    def pilot(self) -> PilotRecord:
        """Pilot the present prompts and model; raises RunFailed when that fails."""
        _require_success(self._execute(jobs.PILOT_FIRST))
        record = self.pilot_guard().record
        if record is None:
            raise RunFailed(
                value="The pilot ended without a verdict in the tables",
                rule="a pilot records one",
                remedy="run `fashion pilot` again",
            )
        return record

    def compare_prompts(self, other: Path, labels: pl.DataFrame | None) -> Comparison:
        """Describe the pilot's products with the present prompts and with those of the folder `other`.

        Raises PromptError, and ModelError when the model cannot answer.
        """
        from fashion_assets.quality.pilot.run import run_comparison

        shop = self.resources.shop
        other_questions = PromptsResource(folder=str(other)).questions(shop.taxonomy)
        setup = ExtractionSetup(
            self.resources.prompts.questions(shop.taxonomy),
            self.resources.vlm,
            self.resources.clip.load(),
            self.store,
            self.settings.photos_root,
            shop,
        )
        return run_comparison(self.store.read(INGESTED_PRODUCTS), setup, other_questions, labels, reporting)

    def check_until(self, asset: str | None) -> None:
        """Raise OptionError unless `asset` is an asset of a batch, or None."""
        if asset is not None and asset not in self.flow.assets:
            raise OptionError(
                value=f"until (--until) is '{asset}'",
                rule="it must be an asset of a batch",
                remedy=f"use one of {', '.join(self.flow.assets)}",
            )

    def run_batch(
        self, batch: str, until: str | None = None, force: bool = False, next_batches: Sequence[str] = ()
    ) -> BatchOutcome:
        """Run one batch up to the asset `until`, or until a gate stops it; raises RunFailed for any other failure.

        `force` runs the model even if no pilot decided PROCEED. `next_batches` are those that will run next in the same
        way: a cluster that has to start may compute them, too.
        """
        self.check_until(until)
        assets = self.flow.assets if until is None else self.flow.until(until)
        is_inferring = EXTRACTED_ATTRIBUTES.asset in assets
        return self.run_assets(
            batch,
            assets,
            {EXTRACTED_ATTRIBUTES.asset: {"force": True}} if force and is_inferring else None,
            {NEXT_BATCHES_TAG: ",".join(next_batches)},
        )

    def run_products(self) -> None:
        """Load `products` for every batch in one run, because Dagster's overhead would dominate a run per batch.

        Raises RunFailed when that fails.
        """
        batches = self.register_batches()
        every_batch = {f"{_RANGE_TAG}_start": batches[0], f"{_RANGE_TAG}_end": batches[-1]}
        _require_success(self._execute(jobs.BATCH, None, [AssetKey(PRODUCTS.asset)], every_batch))

    def retry_failed(self, batch: str) -> BatchOutcome:
        """Infer again for the failed products of a batch, and update what is downstream; raises as `run_batch`."""
        return self.run_assets(
            batch, self.flow.since(EXTRACTED_ATTRIBUTES.asset), {EXTRACTED_ATTRIBUTES.asset: {"only_failed": True}}
        )

    def run_assets(
        self,
        batch: str,
        assets: Sequence[str],
        config: Mapping[str, Mapping[str, object]] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> BatchOutcome:
        """Run only these assets of one batch, with their checks; raises RunFailed unless a gate stopped them.

        `config` maps the name of an asset to its options.
        """
        self.register_batches()
        result = self._execute(jobs.BATCH, batch, [AssetKey(name) for name in assets], tags, config)
        failed = tuple(failed_gates(result.all_events))
        if not failed or any(_step_failures(result)):
            _require_success(result)
        extraction = _metadata(result, EXTRACTED_ATTRIBUTES.asset)
        cost = {name: value for name, value in extraction.items() if name in COST_FIGURES}
        return BatchOutcome(batch, bool(failed), failed, cost, extraction.get("failures_by_code", {}))

    def judge_catalog(self) -> None:
        """Judge all batches together; raises RunFailed when that fails."""
        _require_success(self._execute(jobs.CATALOG))

    def refresh_index(self) -> str | None:
        """Build and promote a new index version if the live one is stale, lost or damaged; returns why, if it was."""
        clip, taxonomy = self.resources.clip, self.resources.shop.taxonomy
        reason = stale_reason(self.store, self.settings.index_uri, clip.model_identity(), taxonomy)
        if reason is not None:
            _require_success(self._execute(jobs.INDEX))
        return reason

    def _execute(
        self,
        job: str,
        batch: str | None = None,
        selection: Sequence[AssetKey] | None = None,
        tags: Mapping[str, str] | None = None,
        config: Mapping[str, Mapping[str, object]] | None = None,
    ) -> ExecuteInProcessResult:
        with instance_errors(self.settings.dagster_home):
            return self._definitions.resolve_job_def(job).execute_in_process(
                instance=self._instance,
                partition_key=batch,
                tags={**COMMAND_LINE_TAG, **NO_RETRY_TAG, **(tags or {})},
                asset_selection=selection,
                run_config={
                    **_QUIET,
                    "ops": {asset: {"config": dict(options)} for asset, options in (config or {}).items()},
                },
                raise_on_error=False,
            )


def present_versions(settings: Settings) -> Versions:
    """The versions that rows written with these settings carry."""
    return _versions(build_resources(settings))


def _versions(resources: Resources) -> Versions:
    return versions_of(resources.prompts, resources.vlm, resources.clip, resources.shop)


def _metadata(result: ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """The metadata of the run's materialization of an asset, as plain values."""
    for event in result.get_asset_materialization_events():
        if event.asset_key == AssetKey(asset):
            return {name: entry.value for name, entry in event.materialization.metadata.items()}
    return {}


def _step_failures(result: ExecuteInProcessResult) -> Iterator[DagsterEvent]:
    """The steps that failed for another reason than a gate."""
    for event in result.all_events:
        if event.event_type is DagsterEventType.STEP_FAILURE and not is_stopped_by_gate(event):
            yield event


def _require_success(result: ExecuteInProcessResult) -> None:
    if result.success:
        return
    for event in _step_failures(result):
        failure = step_error(event)
        if failure.is_interruption:
            raise KeyboardInterrupt
        raise failure.as_run_failed()
    raise without_failed_step(result.run_id, result.all_events)
