"""A whole shop in folders of the worst names, and commands that need no Dagster while its folder is broken."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fashion_assets import Shop
from fashion_assets.app.review import open_session
from fashion_assets.app.run import run_pipeline
from fashion_assets.errors import InstanceUnusable, StorageError
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import folder_names
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import FakeShop, indexed_ids


@pytest.fixture
def odd_shop(tmp_path):
    """A shop each of whose places has the worst name."""
    folder = tmp_path / folder_names.WORST
    prompts = shutil.copytree(default_prompts_folder(), folder / "prompts ü {x}")
    shop = FakeShop(folder)
    source = (folder / "catalog #1 %s?.csv").absolute()
    shop.settings = load_settings(
        profile="local",
        source=source,
        preset="reference",
        photos=folder,
        prompts=prompts,
        home=folder / "home %",
        tables=(folder / "tables #2").as_uri(),
        index=(folder / "index [1] ü").as_uri(),
        vlm="x",
        clip="x",
    )
    shop.write_products()
    (folder / "styles.csv").rename(source)
    return shop


def test_a_shop_in_the_worst_folders_runs_and_is_searched_reported_and_reviewed(odd_shop, tmp_path):
    settings, before = odd_shop.settings, {*odd_shop.folder.iterdir()}
    with odd_shop.open(instance=open_instance(settings.dagster_home)) as pipeline:
        assert not any(outcome.is_blocked for outcome in run_pipeline(pipeline))
        assert indexed_ids(pipeline) == set(odd_shop.rows)
        assert run_pipeline(pipeline) == []
    with Shop(settings, with_fakes(settings)) as shop:
        assert shop.search("red shirt").hits
        assert shop.search(photo=odd_shop.folder / "images" / "1.jpg").hits[0].product_id == 1
        assert shop.show(1).product_id == 1
        assert shop.status().products == len(odd_shop.rows)
        assert not shop.alerts.overview().open
        assert open_session(settings, shop.store, "the tester").photo("1").read_bytes()
        assert shop.report().is_relative_to(settings.home)
        assert [version.is_live for version in shop.index.versions()] == [True]
    assert [*tmp_path.iterdir()] == [odd_shop.folder]
    index = Path(settings.index_uri)
    tables = Path(settings.tables_uri)
    written = {settings.home, tables, index, index.with_name(f"{index.name}.lock"), odd_shop.folder / "styles.csv"}
    assert {*odd_shop.folder.iterdir()} == before | written


def break_by_a_file(home: Path) -> None:
    shutil.rmtree(home / "dagster", ignore_errors=True)
    (home / "dagster").write_text("not a folder")


def break_the_database(home: Path) -> None:
    open_instance(home / "dagster").dispose()
    (home / "dagster" / "history" / "runs.db").write_bytes(b"no database at all\n" * 500)


@pytest.mark.parametrize(
    ("break_it", "error"), [(break_by_a_file, StorageError), (break_the_database, InstanceUnusable)]
)
def test_what_needs_no_dagster_works_while_its_folder_is_broken(finished_shop, break_it, error):
    settings = finished_shop.settings
    break_it(settings.home)
    with Shop(settings, with_fakes(settings)) as shop:
        assert shop.status().products == len(finished_shop.rows)
        assert shop.search("red shirt").hits
        assert shop.show(1).product_id == 1
        with pytest.raises(error):
            shop.run()
        with pytest.raises(error):
            shop.report()


def test_a_database_that_another_process_locks_during_a_run_ends_it_with_one_sentence(shop, monkeypatch):
    monkeypatch.setattr("fashion_assets.orchestration.event_log.SQLITE_BUSY_TIMEOUT_SECONDS", 0.05)
    shop.write_products()
    home, merge = shop.settings.dagster_home, TableStore.merge
    open_instance(home).dispose()

    with closing(sqlite3.connect(home / "history/runs/index.db", isolation_level=None)) as other:

        def merge_while_locked(store, table, rows, batch=None):
            if not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")
            return merge(store, table, rows, batch)

        with monkeypatch.context() as patch, shop.open(instance=open_instance(home)) as pipeline:
            patch.setattr(TableStore, "merge", merge_while_locked)
            with pytest.raises(InstanceUnusable, match=r"stayed locked by another process.*; try again when"):
                pipeline.ingest()
    with shop.open(instance=open_instance(home)) as pipeline:
        pipeline.ingest()
        assert pipeline.register_batches() == ["batch_00000", "batch_00001"]
