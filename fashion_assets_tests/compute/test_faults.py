"""Faults: no batch is lost, no item computed twice, and the Dagster run has one clear message."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from dagster import (
    AssetExecutionContext,
    DagsterInstance,
    DynamicPartitionsDefinition,
    MaterializeResult,
    asset,
    materialize,
)

from fashion_assets.app.pipeline import RunFailed, _require_success
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.compute import resources
from fashion_assets.compute.package import build_package
from fashion_assets.compute.resources import ComputeResource
from fashion_assets.compute.tasks import ComputeTask
from fashion_assets.errors import ModelError
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.orchestration.run_tags import NEXT_BATCHES_TAG
from fashion_assets.orchestration.runs import next_batches
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.fakes.databricks.clocks import BriskCompute
from fashion_assets_tests.fakes.databricks.jobs import API, LOST_DRIVER, LOST_SPOT, order_of
from fashion_assets_tests.fakes.databricks.server import CLIENT_SECRET, Fault
from fashion_assets_tests.fakes.databricks.volumes import VOLUME
from fashion_assets_tests.processes import light_work

BATCH_1, BATCH_2 = "batch_00001", "batch_00002"
ONLY_FAILED = "test/only_failed"
_PARTITIONS = "light_batches"
PLACES = DynamicPartitionsDefinition(name=_PARTITIONS)


@asset(partitions_def=PLACES)
def light(context: AssetExecutionContext, compute: ComputeResource, tables: TablesResource) -> MaterializeResult:
    task = ComputeTask(
        batch=context.partition_key,
        store=tables.store(),
        source=INGESTED_PRODUCTS,
        output=light_work.LIGHT,
        models={"eye": "first"},
        only_failed=ONLY_FAILED in context.run.tags,
        next_batches=lambda: next_batches(context),
    )
    computed = compute.run(context, task, here=lambda: pytest.fail("it was done here"))
    return MaterializeResult(metadata={"rows": len(computed.rows), **computed.figures})


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


@pytest.fixture
def run(workspace, store, desk, monkeypatch):
    """Materializes `light` of a batch; raises RunFailed with what the Dagster run says."""
    package = build_package(default_prompts_folder())
    submitted = Path(light_work.__file__).read_bytes()
    package = replace(package, files={**package.files, "run_batches.py": submitted})
    monkeypatch.setattr(resources, "build_package", lambda prompts: package)
    instance = DagsterInstance.ephemeral()
    instance.add_dynamic_partitions(_PARTITIONS, [BATCH_0, BATCH_1, BATCH_2])

    def materialize_light(batch=BATCH_0, then=(), tags=(), **options):
        options = {"volume": VOLUME, "runtime": "15.4.x-gpu-ml-scala2.12", "node_type": "g5.xlarge", **options}
        compute = BriskCompute(
            prompts=str(default_prompts_folder()),
            settings={"tables": store.uri, "desk": str(desk)},
            **options,
        )
        result = materialize(
            [light],
            partition_key=batch,
            instance=instance,
            resources={"compute": compute, "tables": TablesResource(uri=store.uri)},
            tags={NEXT_BATCHES_TAG: ",".join(then), **dict.fromkeys(tags, "yes")},
            raise_on_error=False,
        )
        logged = [entry.user_message for entry in instance.all_logs(result.run_id)]
        _require_success(result)
        (materialization,) = result.asset_materializations_for_node("light")
        return {name: entry.value for name, entry in materialization.metadata.items()}, logged

    return materialize_light


def done(desk):
    return sorted(file.name for file in desk.glob("batch_*"))


def items(*batches):
    return [f"{batch}-{item}" for batch in batches for item in range(4)]


def test_rows_figures_and_progress_come_back(run, workspace, desk):
    metadata, logged = run()
    assert metadata == {"rows": 1, "items": 4, "databricks_run": "https://workspace.example/jobs/runs/1000"}
    assert done(desk) == items(BATCH_0)
    assert [line for line in logged if line.startswith("item ")] == [f"item {n} of {BATCH_0} is done" for n in range(4)]
    assert any(line.startswith("Databricks run 1000 is RUNNING") for line in logged)


def test_the_request_asks_for_one_spot_machine_with_a_gpu_and_holds_no_secret(run, workspace):
    run()
    (request,) = workspace.asked("POST", f"{API}/submit")
    (task,) = request["tasks"]
    cluster = task["new_cluster"]
    assert (cluster["spark_version"], cluster["node_type_id"]) == ("15.4.x-gpu-ml-scala2.12", "g5.xlarge")
    assert (cluster["num_workers"], cluster["data_security_mode"]) == (0, "SINGLE_USER")
    assert cluster["aws_attributes"]["availability"] == "SPOT_WITH_FALLBACK"
    assert cluster["aws_attributes"]["first_on_demand"] == 0
    assert request["timeout_seconds"] == 12 * 3600
    assert CLIENT_SECRET not in str(workspace.requests)


def test_code_and_prompts_are_sent_once_for_a_version(run, workspace):
    run()
    first = workspace.asked("PUT", r"/api/2\.0/fs/files.*/versions/.*")
    run(BATCH_1)
    assert len(first) == 2 + len(list(default_prompts_folder().glob("*.md")))
    assert workspace.asked("PUT", r"/api/2\.0/fs/files.*/versions/.*") == first
    assert list(workspace.volumes.path(f"{VOLUME}/tmp").iterdir()) == []


def test_an_answer_that_is_lost_after_submission_starts_no_second_run(run, workspace, desk):
    workspace.faults.append(Fault("POST", f"{API}/submit", 503, "TEMPORARILY_UNAVAILABLE", times=2, is_done_first=True))
    run()
    assert len(workspace.asked("POST", f"{API}/submit")) == 3
    assert (len(workspace.jobs.runs), done(desk)) == (1, items(BATCH_0))


@pytest.mark.parametrize("ending", [LOST_SPOT, LOST_DRIVER], ids=["spot", "driver"])
def test_a_lost_machine_is_replaced_and_the_work_resumed(run, workspace, desk, ending):
    (desk / "hold").touch()
    metadata, logged = _run_losing(run, workspace, desk, ending, times=1)
    assert metadata["databricks_run"].endswith("1001")
    assert done(desk) == items(BATCH_0)
    first, second = workspace.asked("POST", f"{API}/submit")
    assert first["idempotency_token"] != second["idempotency_token"]
    assert any(f"Databricks lost run 1000 ({ending[0]}: {ending[2]}" in line for line in logged)


def test_a_machine_that_is_lost_every_time_ends_in_one_message(run, workspace, desk):
    (desk / "hold").touch()
    with pytest.raises(RunFailed) as caught:
        _run_losing(run, workspace, desk, LOST_SPOT, times=3, tries=3)
    assert str(caught.value).startswith(f"Databricks lost the job run of {BATCH_0} 3 times: run 1000 (CLOUD_FAILURE: ")
    assert str(caught.value).endswith("run the batch again, or set FASHION_DATABRICKS_SPOT=false.")
    (desk / "hold").unlink()
    run()
    assert done(desk) == items(BATCH_0)


def _run_losing(run, workspace, desk, ending, times, **options):
    """Take the machine away at the second item, `times` times; then let the work go on."""
    lost = []

    def lose(job_run):
        if job_run.process is not None and len(done(desk)) == 2 and len(lost) < times:
            lost.append(job_run.run_id)
            job_run.end(*ending)
            if len(lost) == times and times < options.get("tries", 3):
                (desk / "hold").unlink()

    workspace.jobs.on_look = lose
    return run(**options)


def test_an_error_of_the_project_is_raised_unchanged_and_not_retried(run, workspace, desk):
    (desk / "refuse").write_text(BATCH_0)
    with pytest.raises(RunFailed) as caught:
        run()
    assert str(caught.value) == (
        f"The model has no weights for {BATCH_0}, but it needs some; set FASHION_VLM to a whole folder."
    )
    assert (caught.value.step_error, caught.value.rule) == (ModelError, "it needs some")
    assert len(workspace.jobs.runs) == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [("break", "ZeroDivisionError: a colour was divided by zero"), ("die", "exited with exit code 137")],
)
def test_any_other_error_is_reported_with_the_run_and_not_retried(run, workspace, desk, how, words):
    (desk / how).touch()
    with pytest.raises(RunFailed) as caught:
        run()
    assert str(caught.value).startswith(f"The Databricks run 1000 of {BATCH_0} failed: RUN_EXECUTION_ERROR: ")
    assert words in str(caught.value) and "https://workspace.example/jobs/runs/1000" in str(caught.value)
    assert len(workspace.jobs.runs) == 1
    (desk / how).unlink()
    run()
    assert done(desk) == items(BATCH_0)


def test_a_cluster_that_cannot_be_created_is_reported(run, workspace):
    with pytest.raises(RunFailed, match=r"INVALID_CLUSTER_REQUEST: .*Invalid spark version 9\.1\.x"):
        run(runtime="9.1.x")
    assert len(workspace.jobs.runs) == 1


def test_a_token_that_is_revoked_on_the_way_is_replaced(run, workspace, desk):
    revoked = _once_held(workspace, desk, lambda: (workspace.revoke_tokens(), (desk / "hold").unlink()))
    run()
    assert revoked and (len(workspace.jobs.runs), done(desk)) == (1, items(BATCH_0))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # Dagster's reader of messages
def test_credentials_that_are_withdrawn_end_in_one_message_and_the_run_is_taken_up_later(run, workspace, desk):
    def withdraw():
        workspace.accepts_secret = False
        workspace.revoke_tokens()

    _once_held(workspace, desk, withdraw)
    with pytest.raises(RunFailed, match=r"look up the job run 1000, which continues meanwhile .*check DATABRICKS_HOST"):
        run()
    workspace.accepts_secret = True
    workspace.jobs.on_look = lambda job_run: (desk / "hold").unlink(missing_ok=True)
    metadata, logged = run()
    assert (len(workspace.jobs.runs), done(desk), metadata["items"]) == (1, items(BATCH_0), 4)
    assert any("of an earlier Dagster run is active; waiting for it" in line for line in logged)


def _once_held(workspace, desk, do):
    """Have `do` called when the work holds at its second item; returns a list that then has one element."""
    (desk / "hold").touch()
    called = []

    def look(job_run):
        if not called and len(done(desk)) == 2:
            called.append(job_run.run_id)
            do()

    workspace.jobs.on_look = look
    return called


def test_a_slow_start_is_logged_every_minute(run, workspace):
    workspace.jobs.looks_to_start = 13
    _, logged = run()
    waiting = [line for line in logged if line.startswith("Databricks run 1000 is PENDING")]
    assert ["after" in line for line in waiting] == [False, True, True]


def test_a_cluster_that_does_not_start_in_time_is_given_back(run, workspace, desk):
    workspace.jobs.looks_to_start = 1000
    with pytest.raises(
        RunFailed, match=r"not started after 5 min 0 s \(PENDING\), so the run was cancelled, .*; choose"
    ):
        run(start_minutes=5)
    assert workspace.jobs.runs[1000].ending[0] == "USER_CANCELED"
    assert done(desk) == []


def test_a_dagster_run_that_is_stopped_stops_the_job_run(run, workspace, desk):
    _once_held(workspace, desk, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(BaseException) as stopped:
        run()
    assert not isinstance(stopped.value, Exception)
    assert workspace.jobs.runs[1000].ending[0] == "USER_CANCELED"
    assert workspace.jobs.runs[1000].process.poll() is not None


def test_a_run_that_is_cancelled_in_databricks_is_reported(run, workspace, desk):
    _once_held(workspace, desk, lambda: workspace.jobs.cancel({"run_id": 1000}))
    with pytest.raises(RunFailed, match=r"failed: it was cancelled there \(USER_CANCELED: Run cancelled"):
        run()


def test_a_missing_volume_is_reported_before_anything_starts(run, workspace):
    with pytest.raises(RunFailed, match=r"not write to the volume '/Volumes/a/b/c' \(FASHION_DATABRICKS_VOLUME\)"):
        run(volume="/Volumes/a/b/c")
    assert workspace.jobs.runs == {}


def test_batches_that_come_next_are_taken_along_and_then_on_record(run, workspace, desk):
    run(BATCH_0, then=[BATCH_1, BATCH_2], batches_per_run=2)
    assert [ordered["batch"] for ordered in order_of(workspace.jobs.runs[1000])["batches"]] == [BATCH_0, BATCH_1]
    metadata, logged = run(BATCH_1, then=[BATCH_2])
    assert (metadata["rows"], len(workspace.jobs.runs)) == (1, 1)
    assert f"The rows of {BATCH_1} are already recorded for this task; no job run is needed" in logged
    run(BATCH_2)
    assert (len(workspace.jobs.runs), done(desk)) == (2, items(BATCH_0, BATCH_1, BATCH_2))


def test_a_batch_that_was_taken_along_fails_for_itself(run, workspace, desk):
    (desk / "refuse").write_text(BATCH_1)
    assert run(BATCH_0, then=[BATCH_1])[0]["rows"] == 1
    with pytest.raises(RunFailed, match="no weights for batch_00001"):
        run(BATCH_1)
    assert len(workspace.jobs.runs) == 2


def test_rows_whose_input_or_content_changed_are_computed_again(run, workspace, desk, store):
    run()
    store.merge(INGESTED_PRODUCTS, conform(pl.DataFrame({"product_id": [1]}), INGESTED_PRODUCTS), BATCH_0)
    run()
    store.merge(light_work.LIGHT, pl.DataFrame({"product_id": [7]}), BATCH_0)
    run()
    run()
    assert len(workspace.jobs.runs) == 3


def test_failed_products_are_asked_again_though_the_rows_are_on_record(run, workspace):
    run()
    run(then=[BATCH_1], tags=[ONLY_FAILED])
    run()
    orders = [order_of(job_run) for job_run in workspace.jobs.runs.values()]
    assert [(order["only_failed"], len(order["batches"])) for order in orders] == [(False, 1), (True, 1)]
