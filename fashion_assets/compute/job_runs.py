"""Job runs in the workspace: found, waited for, and how they ended in words. Pure of Dagster.

Only what the platform lost is worth another try: a node, the driver, the cloud's capacity. What our own code or the
request did wrong would go wrong again.
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
    from databricks.sdk.service.jobs import Run

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
    """The platform lost it: the same may go well next time."""
    FAILED = "failed"


@dataclass(frozen=True)
class EndedRun:
    """`words` say why it did not end in success; `url` is the run's page."""

    run_id: int
    ending: Ending
    url: str
    words: str = ""


def active_run(client: WorkspaceClient, name: str) -> int | None:
    """The id of a run of that name that has not ended, if there is one."""
    from databricks.sdk.service.jobs import RunType

    with workspace_errors("list the job runs"):
        runs = client.jobs.list_runs(active_only=True, run_type=RunType.SUBMIT_RUN)
        return next((run.run_id for run in runs if run.run_name == name), None)


def wait_for_run(
    client: WorkspaceClient, run_id: int, start_seconds: float, poll_seconds: float, say: Callable[[str], None]
) -> EndedRun:
    """Wait until the run has ended; `say` hears of each change of state, and every minute of a start that takes long.

    Raises WorkspaceError when its cluster has not started after `start_seconds`, after cancelling it, and when the
    workspace refuses. The client's clock tells the time.
    """
    clock = client.config.clock
    began = said_at = clock.time()
    said = ""
    while True:
        run = _look(client, run_id)
        state = run.state.life_cycle_state.value
        waited = clock.time() - began
        if state != said or (state in _WAITING and clock.time() - said_at >= 60):
            after = f" after {spoken_time(waited)}" if state == said else ""
            say(f"Databricks run {run_id} is {state}{after}: {run.state.state_message or run.run_page_url or ''}")
            said, said_at = state, clock.time()
        if state in _OVER:
            return _ended(client, run)
        if state in _WAITING and waited > start_seconds:
            cancel_run(client, run_id)
            raise WorkspaceError(
                value=(
                    f"The cluster of the Databricks run {run_id} had not started after "
                    f"{spoken_time(start_seconds)} ({run.state.state_message or state}), so the run was cancelled"
                ),
                rule="it must start in that time",
                remedy=(
                    "choose another FASHION_DATABRICKS_NODE_TYPE, or give it more minutes with "
                    "FASHION_DATABRICKS_TIMEOUT"
                ),
            )
        clock.sleep(poll_seconds)


def cancel_run(client: WorkspaceClient, run_id: int) -> None:
    """Ask for the end of the run."""
    with workspace_errors(f"cancel the job run {run_id}"):
        client.jobs.cancel_run(run_id)


def _look(client: WorkspaceClient, run_id: int) -> Run:
    """The run as it is; a token that was revoked on the way is replaced by signing in again."""
    from databricks.sdk.errors import Unauthenticated

    with workspace_errors(f"look up the job run {run_id}, which goes on without us"):
        try:
            return client.jobs.get_run(run_id)
        except Unauthenticated:
            sign_in_again(client)
            return client.jobs.get_run(run_id)


def _ended(client: WorkspaceClient, run: Run) -> EndedRun:
    result = run.state.result_state.value if run.state.result_state else ""
    url = run.run_page_url or f"run {run.run_id}"
    if result == "SUCCESS":
        return EndedRun(run.run_id, Ending.SUCCESS, url)
    details = run.status.termination_details if run.status else None
    kind = details.type.value if details and details.type else ""
    code = details.code.value if details and details.code else result or run.state.life_cycle_state.value
    is_lost = kind in _LOST_BY_TYPE or code in _LOST_BY_CODE
    message = (details.message if details else None) or run.state.state_message or "no reason given"
    if is_lost:
        return EndedRun(run.run_id, Ending.LOST, url, f"{code}: {message}")
    if code in ("USER_CANCELED", "CANCELED", "TIMEDOUT"):
        return EndedRun(run.run_id, Ending.FAILED, url, f"it was cancelled there ({code}: {message})")
    error = _error_of_task(client, run) if code == "RUN_EXECUTION_ERROR" else None
    return EndedRun(run.run_id, Ending.FAILED, url, f"{code}: {error or message}")


def _error_of_task(client: WorkspaceClient, run: Run) -> str | None:
    """What the submitted file raised, in one line."""
    if not run.tasks:
        return None
    with workspace_errors(f"read the output of the job run {run.run_id}"):
        error = client.jobs.get_run_output(run.tasks[0].run_id).error
    return " ".join(error.split()) if error else None
