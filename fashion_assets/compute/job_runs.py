"""Job runs in the workspace: find them, wait for them, describe how they ended. Independent of Dagster.

Only runs that the platform lost are retried: a node, the driver, the cloud's capacity. Errors of our own code or of the
request would occur again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from fashion_assets.compute.workspace import sign_in_again, workspace_errors
from fashion_assets.errors import WorkspaceError
from fashion_assets.orchestration.progress import spoken_time

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.jobs import Run, RunState

_WAITING = {"PENDING", "QUEUED", "BLOCKED", "WAITING_FOR_RETRY"}
_OVER = {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}
_LOST_BY_TYPE = {"CLOUD_FAILURE", "INTERNAL_ERROR"}
_LOST_BY_CODE = {
    "CLOUD_FAILURE",
    "CLUSTER_ERROR",
    "CLUSTER_REQUEST_LIMIT_EXCEEDED",
    "DRIVER_ERROR",
    "INTERNAL_ERROR",
    "STORAGE_ACCESS_ERROR",
}


class Ending(Enum):
    """How a job run ended."""

    SUCCESS = "success"
    LOST = "lost"
    """The platform lost it: a retry may succeed."""
    FAILED = "failed"


@dataclass(frozen=True)
class EndedRun:
    """`reason` says why it did not succeed; `url` is the run's page."""

    run_id: int
    ending: Ending
    url: str
    reason: str = ""


def active_run(client: WorkspaceClient, name: str) -> int | None:
    """The id of an active run with that name, if there is one."""
    from databricks.sdk.service.jobs import RunType

    with workspace_errors("list the job runs"):
        runs = client.jobs.list_runs(active_only=True, run_type=RunType.SUBMIT_RUN)
        return next((run.run_id for run in runs if run.run_name == name), None)


def wait_for_run(
    client: WorkspaceClient, run_id: int, start_seconds: float, poll_seconds: float, say: Callable[[str], None]
) -> EndedRun:
    """Wait until the run has ended; `say` gets each change of state, and a line per minute while the cluster starts.

    Raises WorkspaceError if its cluster has not started after `start_seconds`, in which case the run is cancelled, and
    if the workspace refuses. Times are those of the client's clock.
    """
    clock = client.config.clock
    began = reported_at = clock.time()
    reported = ""
    while True:
        run = _look(client, run_id)
        state = _name(_state(run).life_cycle_state)
        waited = clock.time() - began
        if state != reported or (state in _WAITING and clock.time() - reported_at >= 60):
            after = f" after {spoken_time(waited)}" if state == reported else ""
            say(f"Databricks run {run_id} is {state}{after}: {_state(run).state_message or run.run_page_url or ''}")
            reported, reported_at = state, clock.time()
        if state in _OVER:
            return _ended(client, run_id, run)
        if state in _WAITING and waited > start_seconds:
            cancel_run(client, run_id)
            raise WorkspaceError(
                value=(
                    f"The cluster of the Databricks run {run_id} had not started after "
                    f"{spoken_time(start_seconds)} ({_state(run).state_message or state}), so the run was cancelled"
                ),
                rule="it must start within that time",
                remedy=(
                    "choose another FASHION_DATABRICKS_NODE_TYPE, or allow more minutes with FASHION_DATABRICKS_TIMEOUT"
                ),
            )
        clock.sleep(poll_seconds)


def cancel_run(client: WorkspaceClient, run_id: int) -> None:
    """Request that the run be cancelled."""
    with workspace_errors(f"cancel the job run {run_id}"):
        client.jobs.cancel_run(run_id)


def _look(client: WorkspaceClient, run_id: int) -> Run:
    """The run's current state; signs in again if the token was revoked meanwhile."""
    from databricks.sdk.errors import Unauthenticated

    with workspace_errors(f"look up the job run {run_id}, which continues meanwhile"):
        try:
            return client.jobs.get_run(run_id)
        except Unauthenticated:
            sign_in_again(client)
            return client.jobs.get_run(run_id)


def _state(run: Run) -> RunState:
    """The run's state; an empty one if Databricks gives none."""
    from databricks.sdk.service.jobs import RunState

    return run.state or RunState()


def _name(state: Enum | None) -> str:
    return state.value if state is not None else ""


def _ended(client: WorkspaceClient, run_id: int, run: Run) -> EndedRun:
    state = _state(run)
    result = _name(state.result_state)
    url = run.run_page_url or f"run {run_id}"
    if result == "SUCCESS":
        return EndedRun(run_id, Ending.SUCCESS, url)
    details = run.status.termination_details if run.status else None
    kind = details.type.value if details and details.type else ""
    code = details.code.value if details and details.code else result or _name(state.life_cycle_state)
    is_lost = kind in _LOST_BY_TYPE or code in _LOST_BY_CODE
    message = (details.message if details else None) or state.state_message or "no reason given"
    if is_lost:
        return EndedRun(run_id, Ending.LOST, url, f"{code}: {message}")
    if code in ("USER_CANCELED", "CANCELED", "TIMEDOUT"):
        return EndedRun(run_id, Ending.FAILED, url, f"it was cancelled there ({code}: {message})")
    error = _error_of_task(client, run) if code == "RUN_EXECUTION_ERROR" else None
    return EndedRun(run_id, Ending.FAILED, url, f"{code}: {error or message}")


def _error_of_task(client: WorkspaceClient, run: Run) -> str | None:
    """The error that the submitted file raised, in one line."""
    task_run_id = run.tasks[0].run_id if run.tasks else None
    if task_run_id is None:
        return None
    with workspace_errors(f"read the output of the job run {run.run_id}"):
        error = client.jobs.get_run_output(task_run_id).error
    return " ".join(error.split()) if error else None
