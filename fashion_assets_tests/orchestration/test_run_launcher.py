"""Runs whose process is gone are distinguished from live ones."""

import os
import subprocess
import sys
import time

import pytest
from dagster import DagsterInstance, DagsterRun, MetadataValue
from dagster._core.events import EngineEventData
from dagster._core.launcher.base import WorkerStatus

from fashion_assets.orchestration.dagster_home import ensure_dagster_home, open_instance
from fashion_assets.orchestration.run_launcher import LocalRunLauncher, _is_running


@pytest.fixture
def health():
    """The launcher's health check of a run whose log names these processes, in this order."""
    with DagsterInstance.ephemeral() as instance:
        launcher = LocalRunLauncher()
        launcher.register_instance(instance)

        def health(*pids: int) -> WorkerStatus:
            run = instance.add_run(DagsterRun(job_name="batch_pipeline"))
            for pid in pids:
                data = EngineEventData(metadata={"pid": MetadataValue.text(str(pid))})
                instance.report_engine_event("Executing steps in process", run, data)
            instance.report_engine_event("Step blocked by limit for pool gpu", run)
            return launcher.check_run_worker_health(run).status

        yield health


@pytest.fixture
def dead() -> int:
    """The id of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_last_process_in_the_log_decides(health, dead):
    assert health(os.getpid()) is WorkerStatus.RUNNING
    assert health(dead) is WorkerStatus.FAILED
    assert health(dead, os.getpid()) is WorkerStatus.RUNNING
    assert health(os.getpid(), dead) is WorkerStatus.FAILED


def test_a_run_that_has_no_process_yet_is_left_alone(health):
    assert health() is WorkerStatus.RUNNING


def test_a_process_id_that_was_reused_is_not_the_runs(dead):
    assert _is_running(os.getpid(), time.time())
    assert not _is_running(os.getpid(), time.time() - 10 * 24 * 3600)


def test_a_zombie_process_is_gone():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process.kill()
    while _is_running(process.pid, time.time()):
        time.sleep(0.01)
    process.wait()


def test_the_local_instance_launches_runs_with_it(tmp_path):
    with open_instance(tmp_path) as instance:
        assert isinstance(instance.run_launcher, LocalRunLauncher)
        assert instance.run_monitoring_enabled and instance.run_retries_enabled


def test_a_home_of_version_0_1_finds_the_launcher_where_it_is_now(tmp_path):
    ensure_dagster_home(tmp_path)
    configuration = tmp_path / "dagster.yaml"
    edited = configuration.read_text().replace("max_concurrent_runs: 2", "max_concurrent_runs: 7")
    configuration.write_text(edited.replace("fashion_assets.orchestration.run_launcher", "fashion_assets.run_launcher"))
    with open_instance(tmp_path) as instance:
        assert isinstance(instance.run_launcher, LocalRunLauncher)
    assert configuration.read_text() == edited
