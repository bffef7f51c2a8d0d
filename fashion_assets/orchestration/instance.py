"""The local Dagster instance: its home below FASHION_HOME, with pools that keep models and index writers apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetRecordsFilter,
    DagsterInstance,
    DagsterRunStatus,
    FreshnessPolicy,
    RunsFilter,
)

_CONFIGURATION = """\
# Written once by fashion_assets; yours to edit.
concurrency:
  pools:
    default_limit: 1      # one GPU job and one index writer at a time
    granularity: op
  runs:
    max_concurrent_runs: 2
run_launcher:
  module: fashion_assets.orchestration.run_launcher
  class: LocalRunLauncher
run_monitoring:
  enabled: true
  poll_interval_seconds: 30
  free_slots_after_run_end_seconds: 60  # a run that was terminated gives its pool back
run_retries:
  enabled: true           # of runs whose process died: they go on where the tables and the journal are
  max_retries: 3
  retry_on_asset_or_op_failure: false  # a step that failed says why, and would fail again
freshness:
  enabled: true
retention:
  sensor:
    purge_after_days: {skipped: 3, failure: 30, success: 90}
  schedule:
    purge_after_days: {skipped: 3, failure: 30, success: 90}
telemetry:
  enabled: false
nux:
  enabled: false          # no invitation to sign up before the first look
"""


_LAUNCHER_OF_0_1 = "fashion_assets.run_launcher"

_WORKSPACE = """\
load_from:
  - python_module:
      module_name: fashion_assets.definitions
      location_name: fashion_assets
"""
"""The same code location as the checkout's workspace.yaml, which an installed wheel does not have."""


def ensure_dagster_home(home: Path) -> Path:
    """`home` with a `dagster.yaml` and a `workspace.yaml`; existing ones are left as they are."""
    home.mkdir(parents=True, exist_ok=True)
    for name, content in (("dagster.yaml", _CONFIGURATION), ("workspace.yaml", _WORKSPACE)):
        if not (home / name).exists():
            (home / name).write_text(content)
    _follow_the_moved_launcher(home / "dagster.yaml")
    return home


def _follow_the_moved_launcher(configuration: Path) -> None:
    """Homes made by version 0.1 name the launcher's module as it was then; all else in the file is the user's."""
    text = configuration.read_text()
    if _LAUNCHER_OF_0_1 in text:
        configuration.write_text(text.replace(_LAUNCHER_OF_0_1, "fashion_assets.orchestration.run_launcher"))


COMMAND_LINE_TAG = {"fashion/started_by": "command line"}
NO_RETRY_TAG = {"dagster/max_retries": "0"}
"""For runs whose command a person repeats: the daemon must not do it for them."""

INTERRUPTIONS = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}
"""What Ctrl-C during a step becomes, by class."""

UNFINISHED = (
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
)


NEXT_BATCHES_TAG = "fashion/next_batches"
"""Of a run of the command line: the batches that it will run after this one, separated by commas."""

_PARTITION_TAG = "dagster/partition"


def next_batches(context: AssetExecutionContext) -> list[str]:
    """The batches of which the asset will be made after this one: of the same command, or of runs that are queued."""
    if NEXT_BATCHES_TAG in context.run.tags:
        return [batch for batch in context.run.tags[NEXT_BATCHES_TAG].split(",") if batch]
    unfinished = context.instance.get_runs(RunsFilter(statuses=UNFINISHED))
    batches = {
        run.tags[_PARTITION_TAG]
        for run in unfinished
        if _PARTITION_TAG in run.tags and context.asset_key in (run.asset_selection or {context.asset_key})
    }
    return sorted(batches - {context.partition_key})


def fail_abandoned_runs(instance: DagsterInstance) -> int:
    """Mark command-line runs whose process was killed as failed, and free their pools; returns how many there were.

    Dagster cannot know that such a run is dead and would let everything wait for its pool. The caller must hold the
    home's lock, so that no command-line run can be alive.
    """
    abandoned = instance.get_runs(RunsFilter(statuses=UNFINISHED, tags=COMMAND_LINE_TAG))
    for run in abandoned:
        instance.report_run_failed(run, "The process that ran this was ended before it was done.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(abandoned)


@dataclass(frozen=True)
class Materialization:
    """What a run noted about an asset: its metadata as plain values."""

    run_id: str
    metadata: Mapping[str, object]


def last_materialization(instance: DagsterInstance, asset: str, partition: str) -> Materialization | None:
    """The last one of an asset's partition; None where the instance knows of none."""
    records = instance.fetch_materializations(
        AssetRecordsFilter(AssetKey(asset), asset_partitions=[partition]), limit=1
    ).records
    if not records:
        return None
    metadata = records[0].asset_materialization.metadata
    return Materialization(records[0].run_id, {name: entry.value for name, entry in metadata.items()})


def last_materializations(instance: DagsterInstance, asset: str, partitions: Iterable[str]) -> list[Materialization]:
    """The last one of each of these partitions, as far as the instance knows of one."""
    found = (last_materialization(instance, asset, partition) for partition in partitions)
    return [one for one in found if one is not None]


NIGHTLY = FreshnessPolicy.time_window(fail_window=timedelta(days=8), warn_window=timedelta(days=2))
"""For what is brought in step every night where nightly work is switched on: the UI warns after a missed night."""


def open_instance(home: Path) -> DagsterInstance:
    """The instance that `make ui` opens too; close it after use."""
    return DagsterInstance.from_config(str(ensure_dagster_home(home)))
