"""Dagster's local launcher, which also knows when a run's process is gone: by that, dead runs are restarted.

Dagster notices the end of a run's process only through the code server that started it. When that dies as well, with
the machine or by a kill, the run would be "started" for ever, and keep its pool and its place in the queue.
"""

from dagster import DagsterEventType, DagsterRun, DefaultRunLauncher
from dagster._core.events import EngineEventData
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from psutil import STATUS_ZOMBIE, NoSuchProcess, Process


class LocalRunLauncher(DefaultRunLauncher):
    """For runs on this machine; run monitoring asks it, and `run_retries` starts again what it finds dead."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """FAILED when the last process that the run's log names is gone; RUNNING also where it names none yet."""
        for record in reversed(self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)):
            data = record.dagster_event.event_specific_data if record.dagster_event else None
            if isinstance(data, EngineEventData) and "pid" in data.metadata:
                pid = int(str(data.metadata["pid"].value))
                if _is_running(pid, record.timestamp):
                    return CheckRunHealthResult(WorkerStatus.RUNNING)
                return CheckRunHealthResult(WorkerStatus.FAILED, f"The run's process {pid} is gone.")
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def _is_running(pid: int, at: float) -> bool:
    """Whether the process that had this number at `at` (seconds since 1970) is still there."""
    try:
        process = Process(pid)
        return process.create_time() <= at + 1 and process.status() != STATUS_ZOMBIE  # numbers are used again
    except NoSuchProcess:
        return False
