"""The event log that stays open: what it holds is what Dagster's own holds, and its files are closed in the end."""

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from psutil import Process

from fashion_assets.orchestration.dagster_home import ensure_dagster_home, open_instance
from fashion_assets.orchestration.event_log import OpenEventLog

GREETED = dg.AssetKey("greeting")


@dg.asset(check_specs=[dg.AssetCheckSpec("is_polite", asset=GREETED)])
def greeting():
    yield dg.MaterializeResult(metadata={"words": 2})
    yield dg.AssetCheckResult(passed=True, check_name="is_polite", asset_key=GREETED)


def run_in(instance):
    result = dg.materialize([greeting], instance=instance)
    assert result.success
    return result.run_id


def open_databases(home):
    return sorted(
        {file.path.removeprefix(f"{home}/history/runs/") for file in Process().open_files() if f"{home}/" in file.path}
    )


def kinds_of_events(instance, run_id):
    return [(record.level, record.dagster_event_type) for record in instance.all_logs(run_id)]


def test_dagsters_own_instance_reads_the_same_events_as_it_writes_itself(tmp_path):
    with open_instance(tmp_path) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
        run_id = run_in(instance)
        events = kinds_of_events(instance, run_id)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
        assert kinds_of_events(instance, run_id) == events == kinds_of_events(instance, run_in(instance))
        assert instance.get_latest_materialization_event(GREETED).asset_materialization.metadata["words"].value == 2
        assert [run.status.value for run in instance.get_runs()] == ["SUCCESS", "SUCCESS"]


def test_another_process_sees_an_event_as_soon_as_it_is_stored(tmp_path):
    with open_instance(tmp_path) as instance, dg.DagsterInstance.from_config(str(tmp_path)) as other:
        for number in range(1, 4):
            run_in(instance)
            assert len(other.fetch_materializations(GREETED, limit=10).records) == number


def test_the_files_of_the_last_run_stay_open_until_the_instance_is_closed(tmp_path):
    with open_instance(tmp_path) as instance:
        for _ in range(3):
            last = run_in(instance)
        assert {name.partition(".")[0] for name in open_databases(tmp_path)} == {"index", last}
    assert open_databases(tmp_path) == []
    assert not list(tmp_path.rglob("*-wal")), "everything was written back"


@pytest.mark.parametrize(
    "configured",
    [
        "storage: {sqlite: {base_dir: %s}}",
        "event_log_storage: {module: dagster._core.storage.event_log, class: SqliteEventLogStorage, "
        "config: {base_dir: %s}}",
    ],
)
def test_a_storage_that_the_user_names_is_used(tmp_path, configured):
    home, elsewhere = ensure_dagster_home(tmp_path / "home"), tmp_path / "elsewhere"
    with (home / "dagster.yaml").open("a") as file:
        file.write(f"\n{configured % elsewhere}\n")
    with open_instance(home) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
        run_in(instance)
    assert list(elsewhere.rglob("index.db"))
