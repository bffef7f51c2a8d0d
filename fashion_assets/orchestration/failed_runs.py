"""Why a run failed in which no step raised an error of its own: a gate stopped it, or it never came to a step."""

from collections.abc import Iterable, Iterator, Sequence

from dagster import AssetCheckEvaluation, AssetCheckSeverity, DagsterEvent, DagsterEventType

from fashion_assets.errors import RunFailed
from fashion_assets.orchestration.markdown import readable

_GATE_FAILED = "DagsterAssetCheckFailedError"
_MOST_NAMED = 3


def failed_gates(events: Iterable[DagsterEvent]) -> Iterator[str]:
    """Each gate that did not pass, with its reason; without warnings."""
    for event in events:
        evaluation = event.event_specific_data
        if not isinstance(evaluation, AssetCheckEvaluation) or evaluation.passed:
            continue
        if evaluation.severity is AssetCheckSeverity.ERROR:
            yield f"{evaluation.check_name}: {readable(evaluation.description or 'it gave no reason')}"


def is_stopped_by_gate(failure: DagsterEvent) -> bool:
    """Whether the step of this event ended because a gate did not pass."""
    error = failure.step_failure_data.error
    return error is not None and error.cls_name == _GATE_FAILED


def without_failed_step(run_id: str, events: Sequence[DagsterEvent]) -> RunFailed:
    """The error of the run with these events, none of whose steps raised an error of its own."""
    if gates := list(failed_gates(events)):
        named = "; ".join(gates[:_MOST_NAMED]) + (f"; and {len(gates) - _MOST_NAMED} more" * (len(gates) > _MOST_NAMED))
        stopped = dict.fromkeys(event.step_key for event in events if _is_stopped(event))
        where = f"{', '.join(filter(None, stopped))} was" if stopped else "it was"
        return RunFailed(
            value=f"In run {run_id} {where} stopped by a gate ({named})",
            rule="what does not pass its gates goes no further",
            remedy="correct what the gate names, or see `fashion status`",
        )
    started = [event.step_key for event in events if event.event_type is DagsterEventType.STEP_START]
    reasons = [event.message for event in events if event.event_type is DagsterEventType.RUN_FAILURE and event.message]
    when = f"failed after the step {started[-1]}" if started else "failed before its first step"
    return RunFailed(
        value=f"Run {run_id} {when}" + (f" ({reasons[-1].rstrip('.')})" if reasons else ""),
        rule="every run must end without an error",
        remedy="look at it with `make ui`",
    )


def _is_stopped(event: DagsterEvent) -> bool:
    return event.event_type is DagsterEventType.STEP_FAILURE and is_stopped_by_gate(event)
