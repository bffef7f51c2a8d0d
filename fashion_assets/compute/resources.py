"""Where assets compute their batches: in this process, or on a Databricks cluster through Dagster Pipes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster import AssetExecutionContext, ConfigurableResource, MetadataValue, PipesSession, open_pipes_session
from pydantic import Field

from fashion_assets.compute.job import Cloud, Cluster, cluster_spec, submit_arguments, token_of
from fashion_assets.compute.job_runs import EndedRun, Ending, active_run, cancel_run, wait_for_run
from fashion_assets.compute.package import Uploaded, build_package, upload
from fashion_assets.compute.tasks import Computed, ComputeTask, find_computed, target_of
from fashion_assets.compute.workspace import open_workspace, workspace_errors
from fashion_assets.errors import FashionError, WorkspaceError
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.step_errors import reported_error
from fashion_assets.storage.hashing import hash_text

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_RUN_PAGE = "databricks_run"
"""The figure that is the address of the job run's page in the workspace."""


class ComputeResource(ConfigurableResource):
    """Computes in this process."""

    def run(self, context: AssetExecutionContext, task: ComputeTask, here: Callable[[], Computed]) -> Computed:
        """The task's rows and figures, by calling `here`."""
        return here()


class DatabricksCompute(ComputeResource):
    """Computes on a GPU cluster for each job run, which computes one or several batches."""

    volume: str = Field(description="Unity Catalog volume for code, prompts and messages.")
    prompts: str = Field(description="Folder of prompt files.")
    runtime: str = Field(description="Databricks ML runtime with GPU.")
    node_type: str = Field(description="The cluster's one machine.")
    is_spot: bool = Field(default=True, description="Use spot capacity if available.")
    instance_profile: str | None = Field(default=None, description="AWS instance profile for access to the tables.")
    environment: dict[str, str] = Field(default_factory=dict, description="More environment variables of the cluster.")
    settings: dict[str, str] = Field(description="The project's settings on the cluster.")
    batches_per_run: int = Field(default=5, ge=1, description="Most batches that one job run computes.")
    tries: int = Field(default=3, ge=1, description="Attempts in total for a run that the platform lost.")
    start_minutes: float = Field(default=60, description="Time limit for the start of a cluster.")
    run_hours: float = Field(default=12, description="Time limit of a run.")
    poll_seconds: float = Field(default=10, description="Time between two polls of a run.")

    def client(self) -> "WorkspaceClient":
        """Sign in with the environment's credentials; raises WorkspaceError if there are none."""
        return open_workspace()

    def run(self, context: AssetExecutionContext, task: ComputeTask, here: Callable[[], Computed]) -> Computed:
        """The task's rows and figures, computed by a job run unless they are already recorded for exactly this task.

        An active run, for example of a Dagster that was killed, is waited for first. Raises WorkspaceError if the
        cluster cannot compute them, and the error that the task itself raised there.
        """
        return _Submission(self, context, task).computed()


class _Submission:
    """The job runs of one step."""

    def __init__(self, compute: DatabricksCompute, context: AssetExecutionContext, task: ComputeTask):
        self._compute, self._context, self._task, self._store = compute, context, task, task.store
        self._client = compute.client()
        self._package = build_package(Path(compute.prompts))
        self._request = f"{context.run.run_id}:{task.asset}:{task.batch}:{context.retry_number}"
        where = hash_text(task.store.uri)[:8]
        self._name = f"fashion_assets {task.asset} {where}"
        """The same for all runs of one asset over the same tables: the pool `gpu` runs them one after the other."""

    def computed(self) -> Computed:
        computed = None if self._task.only_failed else self._recorded(self._task.batch)
        if computed is None and (run_id := active_run(self._client, self._name)) is not None:
            self._say(f"Databricks run {run_id} of an earlier Dagster run is active; waiting for it")
            self._wait(run_id)
            computed = None if self._task.only_failed else self._recorded(self._task.batch)
        elif computed is not None:
            self._say(f"The rows of {self._task.batch} are already recorded for this task; no job run is needed")
        return computed or self._submitted()

    def _submitted(self) -> Computed:
        request = self._request if self._task.only_failed else None
        uploaded = upload(self._client, self._package, self._compute.volume)
        batches = [self._task.batch, *self._next_batches()]
        lost = []
        for attempt in range(1, self._compute.tries + 1):
            ended, error = self._run_once(uploaded, batches, attempt)
            computed = self._recorded(self._task.batch, request)
            if computed is not None:  # a later failure is reported by the batch that it hit
                return Computed(computed.rows, {**computed.figures, _RUN_PAGE: ended.url})
            if error is not None:
                raise error
            if ended.ending is Ending.FAILED:
                raise WorkspaceError(
                    value=f"The Databricks run {ended.run_id} of {self._task.batch} failed: {ended.reason.rstrip('.')}",
                    rule="its rows count only if it succeeds",
                    remedy=f"see {ended.url} and run the batch again: its answers so far are not inferred again",
                )
            if ended.ending is Ending.SUCCESS:
                raise WorkspaceError(
                    value=(
                        f"The Databricks run {ended.run_id} succeeded without rows of {self._task.batch} for this "
                        f"task in '{self._store.uri}'"
                    ),
                    rule="inputs and tables must not change during the run",
                    remedy=f"see {ended.url} and run the batch again while nothing else writes",
                )
            lost.append(f"run {ended.run_id} ({ended.reason.rstrip('.')})")
            self._say(f"Databricks lost {lost[-1]}; attempt {attempt} of {self._compute.tries}")
        raise WorkspaceError(
            value=f"Databricks lost the job run of {self._task.batch} {len(lost)} times: {', '.join(lost)}",
            rule="one run must complete, and recorded answers are kept",
            remedy="run the batch again, or set FASHION_DATABRICKS_SPOT=false",
        )

    def _run_once(self, uploaded: Uploaded, batches: list[str], attempt: int) -> tuple[EndedRun, FashionError | None]:
        """Submit a run and wait for its end; also returns the project's own error that stopped it there, if any."""
        order = {
            "asset": self._task.asset,
            "batches": [
                {"batch": batch, "source": self._task.source_of(batch).name, "target": self._target(batch)}
                for batch in batches
            ],
            "request": self._request,
            "only_failed": self._task.only_failed,
            "models": dict(self._task.models),
            "settings": {**self._compute.settings, "prompts": uploaded.prompts},
        }
        with self._session(order) as session:
            cluster = self._compute
            spec = cluster_spec(
                Cluster(
                    cluster.runtime, cluster.node_type, cluster.is_spot, cluster.instance_profile, cluster.environment
                ),
                _cloud_of(self._client),
                session.get_bootstrap_env_vars(),
            )
            timeout = int(3600 * cluster.run_hours)
            arguments = submit_arguments(spec, uploaded, self._name, token_of(self._request, attempt), timeout)
            with workspace_errors("submit the job run"):
                run_id = self._client.jobs.submit(**arguments).bind()["run_id"]
            self._say(f"Databricks run {run_id} computes {', '.join(batches)}")
            ended = self._wait(run_id)
        errors = [message["error"] for message in session.get_custom_messages()]
        return ended, reported_error(errors[0]) if errors else None

    @contextmanager
    def _session(self, order: dict) -> Iterator[PipesSession]:
        """Dagster Pipes over files in the volume; raises the first error that occurs."""
        from dagster_databricks.pipes import (
            PipesUnityCatalogVolumesContextInjector,
            PipesUnityCatalogVolumesMessageReader,
        )

        volume, failure = self._compute.volume, None
        with workspace_errors(f"exchange messages through the volume '{volume}'"):
            try:
                with open_pipes_session(
                    self._context,
                    PipesUnityCatalogVolumesContextInjector(client=self._client, volume_path=volume),
                    PipesUnityCatalogVolumesMessageReader(
                        client=self._client, volume_path=volume, interval=self._compute.poll_seconds
                    ),
                    extras=order,
                ) as session:
                    try:
                        yield session
                    except BaseException as error:
                        failure = error
                        raise
            except Exception as error:
                if failure in (None, error):
                    raise
                raise failure from failure.__cause__  # not the later error of the clean-up, with the same credentials

    def _wait(self, run_id: int) -> EndedRun:
        compute = self._compute
        try:
            return wait_for_run(self._client, run_id, 60 * compute.start_minutes, compute.poll_seconds, self._say)
        except Exception:
            raise
        except BaseException:  # interruptions by Dagster or the keyboard
            self._say(f"The step was stopped; cancelling Databricks run {run_id}")
            try:
                cancel_run(self._client, run_id)
            except WorkspaceError as error:
                self._say(f"{error} Cancel the run in the workspace.")
            raise

    def _next_batches(self) -> list[str]:
        """The next batches that are not up to date, as many as a run may compute in addition."""
        most = self._compute.batches_per_run - 1
        if self._task.only_failed or not most:
            return []
        stale = []
        for batch in self._task.next_batches():
            if len(stale) == most:
                break
            if self._recorded(batch) is None:
                stale.append(batch)
        return stale

    def _recorded(self, batch: str, request: str | None = None) -> Computed | None:
        return find_computed(self._store, self._task.output, batch, self._target(batch), request)

    def _target(self, batch: str) -> str:
        circumstances = {"package": self._package.version, **self._compute.settings}
        return target_of(self._task, batch, circumstances)

    def _say(self, line: str) -> None:
        self._context.log.info(line)


def as_metadata(figures: Mapping[str, Any]) -> AssetMetadata:
    """Figures as metadata of a materialization."""
    return {name: _shown(name, value) for name, value in figures.items()}


def _shown(name: str, value: Any) -> Any:
    if name == _RUN_PAGE and isinstance(value, str) and value.startswith("https://"):
        return MetadataValue.url(value)
    return MetadataValue.json(value) if isinstance(value, dict) else value


def _cloud_of(client: "WorkspaceClient") -> Cloud:
    return Cloud.AZURE if client.config.is_azure else Cloud.GCP if client.config.is_gcp else Cloud.AWS
