"""A shop's home that tests damage and have repaired: what it holds, what is wrong with it, whether all is back."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from fashion_assets import Shop
from fashion_assets.app.doctor import Diagnosis
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.run import run_pipeline
from fashion_assets.automation.tables import declared_tables
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import UTC_TIME, Origin, Table
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import FakeShop, indexed_ids, let_proceed

TABLES = declared_tables(SHIPPED)
DERIVED = [table for table in TABLES if table.origin is Origin.DERIVED]
NEEDS = {CORRECTIONS.name: {"field": "material", "value": "leather", "author": "a person"}}
"""Values that rows must have to mean anything."""


def any_row(table: Table) -> pl.DataFrame:
    """A row of the table, of product 1."""
    values = {
        pl.Int64: 1,
        pl.String: "x",
        pl.Boolean: True,
        pl.Float64: 0.5,
        UTC_TIME: datetime(2026, 1, 1, tzinfo=UTC),
    }
    columns = {name: values.get(dtype) for name, dtype in table.row_schema.items()} | NEEDS.get(table.name, {})
    return pl.DataFrame([columns], schema=table.row_schema)


def undamaged_shop(finished_home: Path, folder: Path) -> FakeShop:
    """A shop that is run and indexed, with a row at least in each table that holds what exists nowhere else.

    To be called with `PER_BATCH` as the size of a batch, as all that runs it.
    """
    shop = FakeShop(folder)
    shutil.copytree(finished_home, shop.settings.home)
    shop.write_products()
    store = store_of(shop)
    for table in TABLES:
        if table.origin is Origin.RECORDED and store.version(table) < 0:
            store.append(table, any_row(table))
    run(shop)
    return shop


def run(shop: FakeShop) -> list:
    with Pipeline(shop.settings, with_fakes(shop.settings), open_instance(shop.settings.dagster_home)) as pipeline:
        let_proceed(pipeline)  # the record of the pilot is one of what may be lost
        return run_pipeline(pipeline)


def store_of(shop: FakeShop) -> TableStore:
    return TableStore(shop.settings.tables_uri)


def folder_of(shop: FakeShop, table: Table) -> Path:
    return Path(store_of(shop).location(table))


def doctor(shop: FakeShop, repair: bool = False) -> Diagnosis:
    with Shop(shop.settings, with_fakes(shop.settings)) as opened:
        return opened.doctor(repair=repair)


def problems(shop: FakeShop) -> dict[str, str]:
    return {finding.what: finding.detail for finding in doctor(shop).findings if not finding.is_well}


def content(shop: FakeShop, table: Table) -> pl.DataFrame:
    """The rows, without the times at which they were made."""
    times = [name for name, dtype in table.row_schema.items() if dtype == UTC_TIME]
    return store_of(shop).read(table).drop(*times)


def assert_equal(rows: pl.DataFrame, expected: pl.DataFrame, name: str) -> None:
    """The same rows; if not, the columns that differ are named."""
    assert len(rows) == len(expected), name
    differing = [column for column in rows.columns if not rows[column].equals(expected[column])]
    assert differing == [], f"{name}: {rows[differing]} instead of {expected[differing]}"


def missing_rows(undamaged: FakeShop, shop: FakeShop, table: Table) -> pl.DataFrame | None:
    """Rows of the undamaged table that are gone; None if none is."""
    rows, expected = store_of(shop).read(table), store_of(undamaged).read(table)
    missing = expected.join(rows, on=table.key, how="anti", nulls_equal=True)
    return None if missing.is_empty() else missing


def assert_losses_are_named(undamaged: FakeShop, shop: FakeShop, repairs: Sequence[str]) -> None:
    """A table with what exists nowhere else has all its rows, or the repair says that rows of it are lost."""
    named = {sentence.split("'")[1] for sentence in repairs if "LOST" in sentence}
    for table in (table for table in TABLES if table.origin is Origin.RECORDED):
        assert (missing_rows(undamaged, shop, table) is not None) == (table.name in named), table.name


def assert_same_as(undamaged: FakeShop, shop: FakeShop) -> None:
    for table in [*DERIVED, BATCH_ASSIGNMENTS]:
        assert_equal(content(shop, table), content(undamaged, table), table.name)
    with Pipeline(shop.settings, with_fakes(shop.settings), open_instance(shop.settings.dagster_home)) as pipeline:
        assert indexed_ids(pipeline) == set(shop.rows)
        assert not any(plan.must_run for plan in pipeline.plan())
