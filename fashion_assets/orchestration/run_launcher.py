"""Dagster's local launcher, which also detects that a run's process is gone, so that dead runs are restarted.

Dagster notices the end of a run's process only through the code server that started it. If that dies too, with the
machine or by a kill, the run would stay "started" for ever and keep its pool and its place in the queue.
"""

from dagster import DagsterEventType, DagsterRun, DefaultRunLauncher
from dagster._core.events import EngineEventData
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from psutil import STATUS_ZOMBIE, NoSuchProcess, Process


class LocalRunLauncher(DefaultRunLauncher):
    """For runs on this machine; run monitoring uses its health check, and `run_retries` restarts dead runs."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """FAILED if the last process in the run's log is gone; RUNNING also while the log names none yet."""
        for record in reversed(self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)):
            data = record.get_dagster_event().event_specific_data
            if isinstance(data, EngineEventData) and "pid" in data.metadata:
                pid = int(str(data.metadata["pid"].value))
                if _is_running(pid, record.timestamp):
                    return CheckRunHealthResult(WorkerStatus.RUNNING)
                return CheckRunHealthResult(WorkerStatus.FAILED, f"The run's process {pid} is gone.")
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def _is_running(pid: int, at: float) -> bool:
    """Whether the process that had this id at `at` (seconds since 1970) is still running."""
    try:
        process = Process(pid)
        return process.create_time() <= at + 1 and process.status() != STATUS_ZOMBIE  # ids are reused
    except NoSuchProcess:
        return False
