"""A workspace on loopback whose clusters are processes of this machine."""

import os

import pytest
from databricks.sdk.clock import Clock

from fashion_assets.compute.resources import DatabricksCompute
from fashion_assets.compute.workspace import open_workspace
from fashion_assets_tests.databricks.jobs import Jobs
from fashion_assets_tests.databricks.server import Workspace
from fashion_assets_tests.databricks.volumes import Volumes

VOLUME = "/Volumes/shop/fashion/files"


class BriskClock(Clock):
    """A second of sleep takes a few milliseconds, and moves the clock on by a second."""

    def __init__(self):
        from time import sleep

        self.now, self._sleep = 0.0, sleep

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self._sleep(min(seconds / 40, 0.25))


class BriskCompute(DatabricksCompute):
    """The real thing with a brisk clock."""

    def client(self):
        return open_workspace(BriskClock())


@pytest.fixture(scope="session")
def clusters(tmp_path_factory):
    """Where clusters of the whole session unpack the wheel."""
    return tmp_path_factory.mktemp("clusters")


@pytest.fixture
def workspace(monkeypatch, tmp_path, clusters):
    """A workspace with one volume, which the environment's credentials open."""
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    # A Dagster that waits for the last messages of a process that was killed would wait ten seconds.
    monkeypatch.setattr("dagster._core.pipes.utils.WAIT_FOR_LOGS_AFTER_EXECUTION_INTERVAL", 0)
    monkeypatch.setattr("dagster._core.pipes.utils.DEFAULT_SLEEP_INTERVAL", 0.05)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "none"))
    volumes = Volumes(tmp_path / "cloud", VOLUME)
    jobs = Jobs(volumes, clusters, tmp_path / "runs")
    with Workspace(volumes.routes(), jobs.routes()) as workspace:
        workspace.volumes, workspace.jobs = volumes, jobs
        for name, value in workspace.environment().items():
            monkeypatch.setenv(name, value)
        yield workspace
        jobs.end_all()
