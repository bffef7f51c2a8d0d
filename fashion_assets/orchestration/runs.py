"""Runs of the Dagster instance: which are unfinished, what comes after the current one, and which are dead."""

from dagster import AssetExecutionContext, DagsterInstance, DagsterRunStatus, RunsFilter

from fashion_assets.orchestration.run_tags import COMMAND_LINE_TAG, NEXT_BATCHES_TAG, PARTITION_TAG

INTERRUPTIONS = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}
"""The classes of the errors that Ctrl-C during a step raises."""

UNFINISHED = (
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
)


def next_batches(context: AssetExecutionContext) -> list[str]:
    """The batches for which the asset will be materialized after this one, by the same command or by queued runs."""
    if NEXT_BATCHES_TAG in context.run.tags:
        return [batch for batch in context.run.tags[NEXT_BATCHES_TAG].split(",") if batch]
    unfinished = context.instance.get_runs(RunsFilter(statuses=UNFINISHED))
    batches = {
        run.tags[PARTITION_TAG]
        for run in unfinished
        if PARTITION_TAG in run.tags and context.asset_key in (run.asset_selection or {context.asset_key})
    }
    return sorted(batches - {context.partition_key})


def fail_abandoned_runs(instance: DagsterInstance) -> int:
    """Mark command-line runs whose process was killed as failed, and free their pools; returns their number.

    Dagster cannot detect that such a run is dead, and all others would wait for its pool. The caller must hold the
    home's lock, so that no command-line run can be alive.
    """
    abandoned = instance.get_runs(RunsFilter(statuses=UNFINISHED, tags=COMMAND_LINE_TAG))
    for run in abandoned:
        instance.report_run_failed(run, "The process of this run ended before the run was done.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(abandoned)
