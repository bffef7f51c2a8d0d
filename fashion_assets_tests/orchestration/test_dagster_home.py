"""Dagster's home in folders with any name, and a database that is locked, damaged or of another version."""

import errno
import shutil
import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.runs.sqlite import sqlite_run_storage

from fashion_assets.errors import InstanceDamaged, InstanceUnusable, SettingsError, StorageError
from fashion_assets.orchestration.dagster_home import ensure_dagster_home, open_instance, using_instance
from fashion_assets.orchestration.dagster_place import DAGSTER_HOME
from fashion_assets.orchestration.instance_errors import instance_errors
from fashion_assets.orchestration.instance_repair import set_damaged_aside
from fashion_assets.orchestration.run_launcher import LocalRunLauncher
from fashion_assets.storage.places import require_usable
from fashion_assets_tests.factories import folder_names
from fashion_assets_tests.factories.damage import cut, empty, zero


@dg.asset
def greeting() -> None:
    """Nothing."""


def run_in(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize([greeting], instance=instance)


@pytest.fixture(scope="module")
def used_home(tmp_path_factory):
    """A home in which one run ended; to be copied, never changed."""
    home = tmp_path_factory.mktemp("used") / "dagster"
    with open_instance(home) as instance:
        assert run_in(instance).success
    return home


@pytest.fixture
def home(used_home, tmp_path):
    """A copy of it."""
    return shutil.copytree(used_home, tmp_path / "dagster")


@contextmanager
def database(home, name="history/runs.db"):
    with closing(sqlite3.connect(home / name, isolation_level=None)) as connection:
        yield connection


@pytest.mark.parametrize("name", [folder_names.WORST, "Jo\u0308rg", "a|b^c\\d]\n%"])
def test_a_run_ends_in_a_folder_of_any_usable_name(tmp_path, name):
    home = tmp_path / name / "dagster"
    require_usable("FASHION_HOME", str(home), str(home), DAGSTER_HOME)
    with open_instance(home) as instance:
        assert isinstance(instance.run_launcher, LocalRunLauncher), "its configuration was read"
        assert run_in(instance).success
    with open_instance(home) as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", folder_names.NOT_FOR_DAGSTER)
def test_what_dagster_cannot_use_is_one_sentence(name):
    with pytest.raises(SettingsError, match="but Dagster cannot keep its record of runs in a folder whose path has "):
        require_usable("FASHION_HOME", f"/shops/{name}", f"/shops/{name}/dagster", DAGSTER_HOME)


def test_the_longest_path_is_as_long_as_sqlite_allows(tmp_path):
    home = tmp_path
    while len(str(home)) < DAGSTER_HOME.longest:
        missing = DAGSTER_HOME.longest - len(str(home)) - 1
        home /= "x" * (missing if missing < 200 else 100)
    require_usable("FASHION_HOME", "a long one", str(home), DAGSTER_HOME)
    with open_instance(home) as instance:
        assert run_in(instance).success
    with pytest.raises(SettingsError, match=r"has 452 bytes, more than 451; set FASHION_HOME to .* shorter path"):
        require_usable("FASHION_HOME", "a longer one", f"{home}x", DAGSTER_HOME)


def test_a_locked_database_is_one_sentence(home, monkeypatch):
    impatient = partial(sqlite_run_storage.create_engine, connect_args={"timeout": 0.05})
    monkeypatch.setattr(sqlite_run_storage, "create_engine", impatient)
    with database(home) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(InstanceUnusable, match=r"stayed locked by another process .*; try again when that one has"),
            using_instance(home) as instance,
        ):
            run_in(instance)
        other.execute("ROLLBACK")
    with using_instance(home) as instance:
        assert run_in(instance).success


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
def test_a_file_that_is_no_database_is_named_and_kept(home, name):
    (home / name).write_bytes(b"no database at all\n" * 500)
    for extra in ("-wal", "-shm"):
        (home / (name + extra)).unlink(missing_ok=True)
    with pytest.raises(InstanceUnusable) as unusable:
        open_instance(home)
    assert f"{str(home / name)!r} is damaged (file is not a database)" in str(unusable.value)
    assert f"move the folder {str(home)!r} away" in str(unusable.value)
    assert (home / name).read_bytes().startswith(b"no database at all")


def test_a_damaged_page_is_one_sentence(home):
    file = home / "history/runs.db"
    with database(home) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(content)
    with (
        pytest.raises(InstanceUnusable, match=r"runs.db' is damaged \(database disk image is malformed\)"),
        using_instance(home) as instance,
    ):
        instance.get_runs()


def test_the_home_of_a_newer_dagster_names_the_command_that_helps(home):
    with database(home) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'fedcba987654'")
    with pytest.raises(
        InstanceUnusable, match=r"newer than the installed .*fedcba987654.*pip install --upgrade dagster"
    ):
        open_instance(home)


def test_the_home_of_an_older_dagster_names_the_command_that_helps(home):
    with database(home) as connection:
        connection.execute("DROP TABLE run_tags")
    with (
        pytest.raises(InstanceUnusable, match=r"another version .*no such table: run_tags.*dagster instance migrate"),
        using_instance(home) as instance,
    ):
        instance.get_runs(dg.RunsFilter(tags={"a": "b"}))


def test_a_full_disk_is_one_sentence(home):
    with database(home) as connection:
        connection.execute("CREATE TABLE filler (content)")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        with (
            pytest.raises(InstanceUnusable, match=r"cannot be used \(database or disk is full\).*free some space"),
            instance_errors(home),
        ):
            connection.execute(f"PRAGMA max_page_count = {pages}")
            connection.execute("INSERT INTO filler VALUES (zeroblob(1000000))")


@pytest.mark.parametrize("text", ["run_launcher: [", "run_launcher: nothing\n", "unknown_section:\n  a: 1\n"])
def test_a_broken_configuration_is_one_sentence(home, text):
    (home / "dagster.yaml").write_text(text)
    with pytest.raises(
        InstanceUnusable, match=r"dagster.yaml' cannot be used .*; correct it, or move it away"
    ) as unusable:
        open_instance(home)
    assert "\n" not in str(unusable.value)
    assert (home / "dagster.yaml").read_text() == text


@pytest.mark.parametrize("name", ["dagster.yaml", "workspace.yaml"])
@pytest.mark.parametrize("damage", [cut, empty, zero])
def test_settings_that_lost_their_content_are_named_and_set_aside(home, name, damage, tmp_path):
    damage(home / name)
    with pytest.raises(InstanceDamaged, match=rf"{name}' is cut short or overwritten, but .*`fashion doctor --repair`"):
        open_instance(home)
    assert set_damaged_aside(home, tmp_path / "damaged") == [home / name]
    with open_instance(home) as instance:
        assert isinstance(instance.run_launcher, LocalRunLauncher)


def test_settings_that_a_user_shortened_are_kept(home):
    lines = (home / "dagster.yaml").read_text().splitlines(keepends=True)
    (home / "dagster.yaml").write_text("".join(lines[:-2]))
    ensure_dagster_home(home)
    assert (home / "dagster.yaml").read_text() == "".join(lines[:-2])


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "dagster").write_text("not a folder")
    with pytest.raises(StorageError, match=r"dagster' cannot be used .*; move away the file"):
        open_instance(tmp_path / "dagster")


def test_a_file_that_did_not_fit_on_the_disk_is_written_by_the_next_command(tmp_path, monkeypatch):
    def write_half(file, text, encoding):
        file.open("w").write(text[: len(text) // 2])
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="free some space"):
        patch.setattr(Path, "write_text", write_half)
        ensure_dagster_home(tmp_path)
    with open_instance(tmp_path) as instance:
        assert isinstance(instance.run_launcher, LocalRunLauncher)
