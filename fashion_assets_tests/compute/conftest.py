"""A workspace on loopback whose clusters are processes of this machine."""

import os

import pytest

from fashion_assets_tests.fakes.databricks.jobs import Jobs
from fashion_assets_tests.fakes.databricks.server import Workspace
from fashion_assets_tests.fakes.databricks.volumes import VOLUME, Volumes


class ComputeWorkspace(Workspace):
    """A workspace that clusters can be started in, with the volumes and job runs behind its routes."""

    def __init__(self, volumes: Volumes, jobs: Jobs):
        super().__init__(volumes.routes(), jobs.routes())
        self.volumes, self.jobs = volumes, jobs


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
    with ComputeWorkspace(volumes, jobs) as workspace:
        for name, value in workspace.environment().items():
            monkeypatch.setenv(name, value)
        yield workspace
        jobs.end_all()
