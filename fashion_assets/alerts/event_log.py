"""What alerts read from Dagster's event log: check results and ends of runs, in the order of the log."""

from collections.abc import Iterator
from typing import Any, cast

from dagster import AssetCheckSeverity, DagsterEventType, DagsterInstance, EventLogEntry
from dagster._core.storage.runs import SqlRunStorage

from fashion_assets.alerts.messages import CheckEvaluation, Event, RunEnd
from fashion_assets.errors import BatchRefused, PilotRefused
from fashion_assets.gates.history import WHOLE_CATALOG
from fashion_assets.orchestration.markdown import readable
from fashion_assets.orchestration.run_tags import COMMAND_LINE_TAG
from fashion_assets.orchestration.runs import INTERRUPTIONS
from fashion_assets.orchestration.step_errors import step_error

_PAGE = 1000
"""Events of one type that are read at once."""

_READ = (DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.RUN_FAILURE, DagsterEventType.RUN_SUCCESS)

_STOPPED_BY_GATE = {"DagsterAssetCheckFailedError", BatchRefused.__name__}
"""Classes of the errors of steps that a gate stopped: in the same run, or by its verdict from an earlier one."""

_LACKS_PILOT = {PilotRefused.__name__}


def log_of(instance: DagsterInstance) -> str:
    """The id of an event log: a new Dagster home numbers its events from one again."""
    # Every storage of runs that Dagster ships is a SqlRunStorage, and only that declares an id.
    return cast(SqlRunStorage, instance.run_storage).get_run_storage_id()


def read_pages(instance: DagsterInstance, after: int) -> Iterator[tuple[list[Event], int]]:
    """The events after a log id, in order, page by page, each with the log id up to which it is complete."""
    storage = instance.event_log_storage
    # Fixed first: events of one type that arrive during the query of the next type would be missed.
    end = storage.get_maximum_record_id() or -1
    while after < end:
        entries, last = {}, end
        for event_type in _READ:
            page = storage.get_logs_for_all_runs_by_log_id(after, event_type, _PAGE)
            entries.update(page)
            last = min(last, max(page)) if len(page) == _PAGE else last
        yield [_event(instance, log_id, entries[log_id]) for log_id in sorted(entries) if log_id <= last], last
        after = last


def _event(instance: DagsterInstance, log_id: int, entry: EventLogEntry) -> Event:
    if entry.dagster_event_type is not DagsterEventType.ASSET_CHECK_EVALUATION:
        return _run_end(instance, log_id, entry)
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    metadata: dict[str, Any] = {name: entry.value for name, entry in evaluation.metadata.items()}
    return CheckEvaluation(
        event_id=log_id,
        run_id=entry.run_id,
        batch=evaluation.partition or WHOLE_CATALOG,
        asset=evaluation.asset_key.to_user_string(),
        check=evaluation.check_name,
        passed=evaluation.passed,
        is_error=evaluation.severity is AssetCheckSeverity.ERROR,
        reason=readable(evaluation.description or ""),
        value=metadata.get("value"),
        threshold=metadata.get("threshold"),
        offending=metadata.get("first_offending_products"),
        is_overridden="override" in metadata,
    )


def _run_end(instance: DagsterInstance, log_id: int, entry: EventLogEntry) -> RunEnd:
    event, run = entry.get_dagster_event(), instance.get_run_by_id(entry.run_id)
    batch = run.tags.get("dagster/partition") if run is not None else None
    is_success = event.event_type is DagsterEventType.RUN_SUCCESS
    expected = _STOPPED_BY_GATE
    if run is not None and run.tags.items() >= COMMAND_LINE_TAG.items():
        expected = expected | INTERRUPTIONS
    failures = [] if is_success else _step_failures(instance, entry.run_id)
    return RunEnd(
        event_id=log_id,
        run_id=entry.run_id,
        batch=batch or WHOLE_CATALOG,
        job=event.job_name,
        succeeded=is_success,
        reason="" if is_success else "\n".join(text for _, text in failures) or event.message or "",
        is_known=bool(failures) and all(classes & expected for classes, _ in failures),
        lacks_pilot=any(classes & _LACKS_PILOT for classes, _ in failures),
    )


def _step_failures(instance: DagsterInstance, run_id: str) -> list[tuple[set[str], str]]:
    """For each failed step: the classes in its chain of errors, and the reason as text."""
    failures = []
    for entry in instance.all_logs(run_id, of_type=DagsterEventType.STEP_FAILURE):
        failure = step_error(entry.get_dagster_event())
        failures.append((set(failure.class_names), f"Step {failure.step}: {failure.text}"))
    return failures
