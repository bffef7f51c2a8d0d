"""A double of Databricks Jobs: a submitted run is a process of this machine that has only what was sent.

The process finds the unpacked wheel before anything else, the variables of the cluster, and the volume's folder for
`/Volumes`. A run moves on when it is looked at, so that nothing depends on timing.
"""

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dagster_pipes import DAGSTER_PIPES_CONTEXT_ENV_VAR, DAGSTER_PIPES_MESSAGES_ENV_VAR, decode_param, encode_param

from fashion_assets_tests.fakes.databricks.server import Refusal, Route
from fashion_assets_tests.fakes.databricks.volumes import Volumes

API = "/api/2.2/jobs/runs"
ML_RUNTIMES = ("15.4.x-gpu-ml-scala2.12", "16.4.x-gpu-ml-scala2.12")
LOST_SPOT = ("CLOUD_FAILURE", "CLOUD_FAILURE", "The spot instance of the driver was terminated by the cloud")
LOST_DRIVER = ("DRIVER_ERROR", "INTERNAL_ERROR", "The driver is not responsive, likely due to GC")


@dataclass
class Run:
    """`request` is what was submitted; `ending` the termination's code, type and message once it is over."""

    run_id: int
    request: dict
    folder: Path
    looks_left: int
    process: subprocess.Popen | None = None
    ending: tuple[str, str, str] | None = None

    @property
    def task(self) -> dict:
        (task,) = self.request["tasks"]
        return task

    def end(self, *ending: str) -> None:
        """End it for this reason, and its process with it."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.ending = self.ending or ending

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


@dataclass
class Jobs:
    """`installed` keeps unpacked wheels, `folder` what runs leave behind.

    Test knobs: how many looks a cluster takes to start, and `on_look`, called with each run that is looked at.
    """

    volumes: Volumes
    installed: Path
    folder: Path
    runs: dict[int, Run] = field(default_factory=dict)
    looks_to_start: int = 0
    on_look: Callable[[Run], None] = lambda run: None

    def routes(self) -> list[Route]:
        return [
            Route("POST", f"{API}/submit", self.submit),
            Route("GET", f"{API}/get", self.get),
            Route("GET", f"{API}/list", self.list),
            Route("GET", f"{API}/get-output", self.get_output),
            Route("POST", f"{API}/cancel", self.cancel),
        ]

    def submit(self, request: dict) -> dict:
        token = request["idempotency_token"]
        assert len(token) <= 64
        for run in self.runs.values():
            if run.request["idempotency_token"] == token:
                return {"run_id": run.run_id}
        number = 1000 + len(self.runs)
        folder = self.folder / str(number)
        folder.mkdir(parents=True)
        self.runs[number] = Run(number, request, folder, self.looks_to_start)
        return {"run_id": number}

    def get(self, query: dict) -> dict:
        run = self._run(query)
        self._move_on(run)
        return self._shown(run)

    def list(self, query: dict) -> dict:
        assert query["run_type"] == "SUBMIT_RUN"
        active = [run for run in self.runs.values() if run.ending is None or query["active_only"] != "true"]
        return {"runs": [self._shown(run) for run in active]}

    def get_output(self, query: dict) -> dict:
        run = self.runs[int(query["run_id"]) - 500_000]
        if run.process.returncode < 0:
            return {"error": f"The Python process exited with exit code {128 - run.process.returncode}"}
        return {"error": run.errors().strip().splitlines()[-1]}

    def cancel(self, body: dict) -> dict:
        self._run(body).end("USER_CANCELED", "CLIENT_ERROR", "Run cancelled.")
        return {}

    def end_all(self) -> None:
        for run in self.runs.values():
            run.end("USER_CANCELED", "CLIENT_ERROR", "The test is over")

    def _run(self, query: dict) -> Run:
        if int(query["run_id"]) not in self.runs:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", f"Run {query['run_id']} does not exist.")
        return self.runs[int(query["run_id"])]

    def _move_on(self, run: Run) -> None:
        if run.ending is None and run.process is None:
            if run.looks_left:
                run.looks_left -= 1
            else:
                self._start(run)
        self.on_look(run)
        if run.ending is None and run.process is not None and run.process.poll() is not None:
            is_good = run.process.returncode == 0
            run.ending = (
                ("SUCCESS", "SUCCESS", "") if is_good else ("RUN_EXECUTION_ERROR", "CLIENT_ERROR", "Task failed")
            )

    def _start(self, run: Run) -> None:
        cluster, (library,) = run.task["new_cluster"], run.task["libraries"]
        if cluster["spark_version"] not in ML_RUNTIMES:
            run.end("INVALID_CLUSTER_REQUEST", "CLIENT_ERROR", f"Invalid spark version {cluster['spark_version']}.")
            return
        site = self._installed(self.volumes.path(library["whl"]))
        environment = {"PATH": os.environ["PATH"], "HOME": str(run.folder), "PYTHONPATH": str(site)}
        with (run.folder / "stdout").open("w") as out, (run.folder / "stderr").open("w") as errors:
            run.process = subprocess.Popen(
                [sys.executable, str(self.volumes.path(run.task["spark_python_task"]["python_file"]))],
                env={**environment, **self._mapped(cluster["spark_env_vars"], run.folder)},
                cwd=run.folder,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )

    def _installed(self, wheel: Path) -> Path:
        site = self.installed / wheel.parent.name
        if not site.exists():
            zipfile.ZipFile(wheel).extractall(site)
        return site

    def _mapped(self, variables: dict[str, str], folder: Path) -> dict[str, str]:
        """The variables as they are where `/Volumes` is the double's folder, in what Pipes encodes as well."""
        messages = decode_param(variables[DAGSTER_PIPES_MESSAGES_ENV_VAR])
        context = self.volumes.path(decode_param(variables[DAGSTER_PIPES_CONTEXT_ENV_VAR])["path"])
        there = folder / "context.json"
        there.write_text(context.read_text().replace('"/Volumes/', f'"{self.volumes.root}/Volumes/'))
        messages["path"] = str(self.volumes.path(messages["path"]))
        return {
            **variables,
            DAGSTER_PIPES_MESSAGES_ENV_VAR: encode_param(messages),
            DAGSTER_PIPES_CONTEXT_ENV_VAR: encode_param({"path": str(there)}),
        }

    def _shown(self, run: Run) -> dict:
        state = {"life_cycle_state": "PENDING" if run.process is None else "RUNNING", "state_message": ""}
        status = {"state": state["life_cycle_state"]}
        if run.ending is not None:
            code, kind, message = run.ending
            result = {"SUCCESS": "SUCCESS", "USER_CANCELED": "CANCELED"}.get(code, "FAILED")
            life_cycle = "INTERNAL_ERROR" if kind in ("CLOUD_FAILURE", "INTERNAL_ERROR") else "TERMINATED"
            state = {"life_cycle_state": life_cycle, "result_state": result, "state_message": message}
            status = {"state": "TERMINATED", "termination_details": {"code": code, "type": kind, "message": message}}
        return {
            "run_id": run.run_id,
            "run_name": run.request["run_name"],
            "run_page_url": f"https://workspace.example/jobs/runs/{run.run_id}",
            "state": state,
            "status": status,
            "tasks": [{"run_id": 500_000 + run.run_id, "task_key": run.task["task_key"]}],
        }


def order_of(run: Run) -> dict:
    """What the run was told to do."""
    return json.loads((run.folder / "context.json").read_text())["extras"]
