"""A home whose files are damaged in turn: commands say so, and repair and run bring back all that is computed."""

import json
import shutil
from itertools import cycle
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fashion_assets import Shop
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.cli.app import app
from fashion_assets.errors import FashionError, IndexMissing, InstanceDamaged, StorageDamaged
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.quality.tables import AUDIT_LABELS, CORRECTIONS
from fashion_assets.search.tables import INDEX_PROMOTIONS
from fashion_assets.storage.table import Table
from fashion_assets_tests.factories.damage import DAMAGE, cut, data_files, delete, empty, log_entries, zero
from fashion_assets_tests.fakes.repaired_home import (
    TABLES,
    assert_losses_are_named,
    assert_same_as,
    content,
    doctor,
    folder_of,
    missing_rows,
    problems,
    run,
    store_of,
    undamaged_shop,
)
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop


@pytest.fixture(scope="module", autouse=True)
def _small_batches():
    import fashion_assets.orchestration.batches

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fashion_assets.orchestration.batches, "BATCH_SIZE", PER_BATCH)
        yield


@pytest.fixture(scope="module")
def undamaged(finished_home, tmp_path_factory) -> FakeShop:
    return undamaged_shop(finished_home, tmp_path_factory.mktemp("undamaged"))


@pytest.fixture
def shop(undamaged, tmp_path) -> FakeShop:
    """A copy of it, whose photos are as old as those of the original."""
    return FakeShop(shutil.copytree(undamaged.folder, tmp_path / "shop"), undamaged.rows)


def test_an_undamaged_home_is_well(shop):
    diagnosis = doctor(shop)
    assert diagnosis.is_well, problems(shop)
    examined = {finding.what for finding in diagnosis.findings}
    assert {"settings", "libraries", "locks", "search index", "Dagster's files", "table corrections"} <= examined
    assert not (shop.settings.home / "damaged").exists()


def damage_log(shop: FakeShop, table: Table, place: int, kind: str) -> None:
    entries = log_entries(folder_of(shop, table))
    DAMAGE[kind](entries[place if place < 1 else len(entries) // 2])


def damage_data(shop: FakeShop, table: Table, place: int, kind: str) -> None:
    if files := data_files(folder_of(shop, table)):
        DAMAGE[kind](files[place if place < 1 else len(files) // 2])


WAYS = [(part, place, kind) for kind in DAMAGE for part in (damage_data, damage_log) for place in (0, 1, -1)]
"""What of a table is damaged, which of its files, and how."""


@pytest.mark.long_form
@pytest.mark.parametrize("first", range(3))
def test_with_all_tables_damaged_at_once_repair_and_run_bring_back_what_is_computed(shop, undamaged, first, is_long):
    """Each table in another way, from the `first` way on; the long form has each table in each way, in turn.

    Of the places of products and of what they are restored from, one is spared.
    """
    for start in range(first, len(WAYS), 3) if is_long else [first]:
        shutil.rmtree(shop.settings.home)
        shutil.copytree(undamaged.settings.home, shop.settings.home)
        spared = BATCH_ASSIGNMENTS if start % 2 else INGESTED_PRODUCTS
        existing = [table for table in TABLES if table is not spared and folder_of(shop, table).exists()]
        ways = cycle([*WAYS[start:], *WAYS[:start]])
        for table, (part, place, kind) in zip(existing, ways, strict=False):
            part(shop, table, place, kind)
        found = problems(shop)
        assert len(found) > len(existing) / 2
        with pytest.raises(FashionError, match="fashion doctor --repair"):
            run(shop)
        repairs = doctor(shop, repair=True).repairs
        assert set(problems(shop)) <= {"search index"}, repairs
        assert_losses_are_named(undamaged, shop, repairs)
        if (missing := missing_rows(undamaged, shop, CORRECTIONS)) is not None:
            store_of(shop).append(CORRECTIONS, missing)  # what it says depends on them, so they are entered again
        run(shop)
        assert_same_as(undamaged, shop)
        assert doctor(shop).is_well


@pytest.mark.parametrize("table", [RESPONSE_JOURNAL, CORRECTIONS, AUDIT_LABELS, INDEX_PROMOTIONS], ids=lambda t: t.name)
def test_what_is_recorded_survives_the_loss_of_its_log(shop, undamaged, table):
    delete(folder_of(shop, table) / "_delta_log")
    assert f"table {table.name}" in problems(shop)
    repairs = doctor(shop, repair=True).repairs
    assert len(repairs) == 1 and "no row was lost" in repairs[0]
    assert store_of(shop).read(table).equals(store_of(undamaged).read(table))


def test_what_is_recorded_and_lost_is_named_with_its_rows(shop):
    (file,) = data_files(folder_of(shop, CORRECTIONS))
    zero(file)
    with pytest.raises(StorageDamaged, match=r"'corrections/.*parquet' .*, with 1 row, but"):
        Shop(shop.settings, with_fakes(shop.settings)).batches()
    (sentence,) = doctor(shop, repair=True).repairs
    assert f"1 rows were LOST, those of {file.name}" in sentence
    assert list((shop.settings.home / "damaged").rglob(file.name)), "it is kept"
    assert doctor(shop).is_well


@pytest.mark.parametrize("also", [None, INGESTED_PRODUCTS, PRODUCTS])
def test_lost_places_come_back_from_tables_of_products(shop, undamaged, also):
    delete(folder_of(shop, BATCH_ASSIGNMENTS))
    if also is not None:
        delete(folder_of(shop, also))
    sentences = doctor(shop, repair=True).repairs
    assert any(f"{2 * PER_BATCH} lost rows were restored from tables of products" in text for text in sentences)
    assert content(shop, BATCH_ASSIGNMENTS).equals(content(undamaged, BATCH_ASSIGNMENTS))


@pytest.mark.parametrize("damage", [delete, lambda folder: [empty(file) for file in folder.rglob("data/*.lance")]])
def test_a_lost_index_is_told_by_plan_and_search_and_built_by_run(shop, damage):
    index = Path(shop.settings.index_uri)
    damage(index)
    with Shop(shop.settings, with_fakes(shop.settings)) as opened:
        with pytest.raises(IndexMissing, match="run `fashion run`, which builds it again"):
            opened.search("red shirt")
        plan = opened.plan()
        assert plan.index_reason is not None and str(index) in plan.index_reason
        assert plan.sentences()[0].startswith("The search index would be built again. ")
    assert "search index" in problems(shop)
    run(shop)
    assert doctor(shop).is_well
    with Shop(shop.settings, with_fakes(shop.settings)) as opened:
        assert opened.search("red shirt").hits
        assert opened.plan().index_reason is None


def test_an_index_whose_damage_only_the_doctor_sees_is_set_aside_and_built_again(shop):
    for file in Path(shop.settings.index_uri).rglob("data/*.lance"):
        content = file.read_bytes()
        file.write_bytes(bytes(len(content) - 2_000) + content[-2_000:])
    assert "search index" in problems(shop)
    (sentence,) = doctor(shop, repair=True).repairs
    assert sentence.startswith("The search index was damaged (")
    run(shop)
    assert doctor(shop).is_well


def test_an_index_that_is_lost_while_it_is_open_is_named_and_used_again_after_a_run(shop):
    with Shop(shop.settings, with_fakes(shop.settings)) as opened:
        assert opened.search("red shirt").hits
        shutil.rmtree(shop.settings.index_uri)
        with pytest.raises(IndexMissing, match="run `fashion run`"):
            opened.search("red shirt", photo=shop.folder / "images" / "1.jpg")
        run(shop)
        assert opened.search("red shirt").hits


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
@pytest.mark.parametrize("damage", [cut, zero, empty])
def test_a_damaged_database_of_dagster_is_set_aside(shop, name, damage):
    database = shop.settings.dagster_home / name
    for beside in ("-wal", "-shm"):
        database.with_name(database.name + beside).unlink(missing_ok=True)
    damage(database)
    (problem,) = problems(shop).values()
    assert f"'{database}' is damaged" in problem
    doctor(shop, repair=True)
    assert list((shop.settings.home / "damaged").rglob(database.name))
    with open_instance(shop.settings.dagster_home) as instance:
        assert instance.get_runs_count() >= 0
    assert doctor(shop).is_well


def test_a_damaged_database_of_dagster_names_the_command_that_repairs(shop):
    zero(shop.settings.dagster_home / "history/runs.db")
    with pytest.raises(InstanceDamaged, match="run `fashion doctor --repair`"):
        run(shop)


def test_the_command_prints_a_line_each_and_ends_with_a_code_of_its_own(shop, monkeypatch):
    for name in ("home", "source", "preset", "vlm", "clip", "profile"):
        monkeypatch.setenv(f"FASHION_{name.upper()}", str(getattr(shop.settings, name)))
    fashion = CliRunner()
    delete(folder_of(shop, CORRECTIONS))
    damaged = fashion.invoke(app, ["doctor"])
    assert damaged.exit_code == 4
    line = next(line for line in damaged.output.splitlines() if line.startswith("problem"))
    assert line.startswith(
        "problem table corrections: Table 'corrections' is damaged: 'corrections' is missing; run `fash"
    )
    repaired = fashion.invoke(app, ["doctor", "--repair"])
    assert (repaired.exit_code, repaired.output.splitlines()[0][:8]) == (0, "repaired"), repaired.output
    again = fashion.invoke(app, ["doctor", "--json"])
    assert again.exit_code == 0
    assert json.loads(again.stdout)["is_well"] is True


def test_every_table_is_declared_where_the_doctor_looks():
    from docs.reference import _tables

    assert {table.name for table in TABLES} == {table.name for table in _tables()}
