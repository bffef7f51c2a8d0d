"""`kill -9` at any moment of alerting loses no message, and repeats at most one, under the same id."""

import multiprocessing
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest
from dagster import DagsterEvent, DagsterEventType, DagsterRun

from fashion_assets.alerts.tables import read_outbox
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.fakes.receivers import Webhook, serving
from fashion_assets_tests.processes.killed_alerts import MOMENTS, SENT_NOT_RECORDED, make_pass

PATIENCE_SECONDS = 60
BATCHES = ("batch_00000", "batch_00001")


@pytest.fixture(scope="module")
def processes():
    """A context whose processes start in milliseconds: forked from one that has loaded the project and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fashion_assets_tests.processes.killed_alerts"])
    return context


@pytest.fixture(scope="module")
def webhook():
    with serving(Webhook()) as server:
        yield server


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> tuple[Path, Path, Path]:
    """Three Dagster homes, each the one before after more events: nothing, failures, successes."""
    folder = tmp_path_factory.mktemp("dagster")
    quiet, failed, recovered = (folder / name for name in ("quiet", "failed", "recovered"))
    end_runs(quiet, None)
    end_runs(shutil.copytree(quiet, failed), DagsterEventType.RUN_FAILURE)
    end_runs(shutil.copytree(failed, recovered), DagsterEventType.RUN_SUCCESS)
    return quiet, failed, recovered


def end_runs(dagster_home: Path, event_type: DagsterEventType | None) -> None:
    """A run of each batch ends, as far as the event log is concerned."""
    with open_instance(dagster_home) as instance:
        for batch in BATCHES if event_type else ():
            run = instance.add_run(DagsterRun(job_name="batch_pipeline", tags={"dagster/partition": batch}))
            instance.report_dagster_event(DagsterEvent(event_type.value, "batch_pipeline"), run.run_id)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_loses_nothing_and_repeats_at_most_one_message_with_its_id(tmp_path, processes, webhook, logs, moment):
    quiet, *eventful = logs
    make_pass(quiet, tmp_path, webhook.url(), None)
    start = len(webhook.taken)
    for log, word in zip(eventful, ("failed", "recovered"), strict=True):
        before = len(webhook.taken)
        process = processes.Process(target=make_pass, args=(log, tmp_path, webhook.url(), moment))
        process.start()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode == -signal.SIGKILL
        for _ in range(2):
            make_pass(log, tmp_path, webhook.url(), None)
        repeated = [BATCHES[0]] if moment == SENT_NOT_RECORDED else []
        assert Counter(webhook.titles()[before:]) == Counter(f"{batch}: run {word}" for batch in [*BATCHES, *repeated])
    ids = {request["headers"]["Idempotency-Key"] for request in webhook.taken[start:]}
    outbox = read_outbox(TableStore(str(tmp_path / "tables")))["message_id"]
    assert sorted(ids) == sorted(outbox)
    assert len(ids) == 2 * len(BATCHES)
