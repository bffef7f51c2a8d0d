"""`kill -9` in every phase of every command: the command, repeated, brings the home to where an undisturbed one is."""

import multiprocessing
import random
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest
from dagster import DagsterInstance

from fashion_assets import Shop
from fashion_assets.alerts.tables import read_outbox
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.automation.tables import declared_tables
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.quality.tables import BATCH_VERDICTS, CORRECTIONS, VERDICT_OVERRIDES
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.tables import live_promotion, promotions
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import UTC_TIME, Origin, Table
from fashion_assets_tests.fakes.receivers import Webhook, serving
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import FakeShop, let_proceed
from fashion_assets_tests.processes.disturbed_life import BETWEEN, Kill, Life, aims, table_of_kills
from fashion_assets_tests.processes.killed_home import STOPPED, Phase

DERIVED = [table for table in declared_tables(SHIPPED) if table.origin is Origin.DERIVED]
RECORDED_ONCE = [RESPONSE_JOURNAL, CORRECTIONS, VERDICT_OVERRIDES, BATCH_VERDICTS]
"""What people and models said: nothing of it may be lost, and nothing be there twice."""
PASSING = {"modified_ns", "seconds"}
"""Columns of a file's age and of how long something took."""

LIVES, KILLS, LEAST_PER_PHASE = 12, 100, 5


@pytest.fixture(scope="module")
def processes():
    """A context whose processes start in milliseconds: forked from one that has loaded the project and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fashion_assets_tests.processes.killed_home"])
    return context


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """A shop that was never run, and where batches may be."""
    shop = FakeShop(tmp_path_factory.mktemp("template") / "shop")
    shop.write_products()
    with Pipeline(shop.settings, with_fakes(shop.settings), DagsterInstance.ephemeral()) as pipeline:
        let_proceed(pipeline)
    return shop.folder


@pytest.fixture
def live(tmp_path, template, processes):
    """Live a life with the kills that are given, and return it with what its webhook took."""

    def begin(name: str, wanted) -> tuple[Life, Webhook]:
        with serving(Webhook()) as webhook:
            life = Life(tmp_path / name, template, webhook.url(), processes)
            life.live(wanted)
        return life, webhook

    return begin


@pytest.fixture
def kills(is_long, capsys):
    """The log of all kills, which the long form prints, also if it fails."""
    log: list[Kill] = []
    yield log
    if is_long:
        with capsys.disabled():
            print(f"\n\n{table_of_kills(log)}")


def rows_of(life: Life, table: Table) -> pl.DataFrame:
    """The rows of a table, without times, in an order of their own."""
    rows = TableStore(life.shop.settings.tables_uri).read(table)
    rows = rows.drop([name for name, dtype in rows.schema.items() if dtype == UTC_TIME or name in PASSING])
    return rows.sort([name for name in table.key if name in rows.columns], maintain_order=True)


def assert_equal(life: Life, undisturbed: Life, table: Table) -> None:
    rows, expected = rows_of(life, table), rows_of(undisturbed, table)
    assert len(rows) == len(expected), table.name
    assert [name for name in rows.columns if not rows[name].equals(expected[name])] == [], table.name


def served(life: Life) -> pl.DataFrame:
    """What a search reads."""
    settings = life.shop.settings
    version = live_promotion(TableStore(settings.tables_uri))["index_version"]
    return pl.DataFrame(open_live(settings.index_uri, version).to_arrow()).sort("product_id")


def contents_served(life: Life) -> list[str]:
    """What was live, one after the other, as fingerprints."""
    promoted = promotions(TableStore(life.shop.settings.tables_uri)).filter(~pl.col("is_refused"))
    return [fingerprint for fingerprint, _ in groupby(promoted["content_fingerprint"])]


def is_within(expected: Sequence[str], actual: Sequence[str]) -> bool:
    """Whether all that is expected comes in this order; after a kill, what is ready is served before the rest is."""
    remaining = iter(actual)
    return all(content in remaining for content in expected)


def assert_told(life: Life, webhook: Webhook, told: Webhook) -> None:
    """Each message came through, at most one twice for each kill while sending, under the same id."""
    taken = [request["headers"]["Idempotency-Key"] for request in webhook.taken]
    assert set(taken) == set(read_outbox(TableStore(life.shop.settings.tables_uri))["message_id"])
    assert len(taken) - len(set(taken)) <= sum(kill.phase == Phase.ALERTS for kill in life.kills)
    assert Counter(told.titles()).keys() <= Counter(webhook.titles()).keys()  # killed runs are messages too


def assert_is_well_and_done(life: Life) -> None:
    with Shop(life.shop.settings, with_fakes(life.shop.settings)) as shop:
        assert [finding for finding in shop.doctor().findings if not finding.is_well] == []
        plan = shop.plan()
        assert (plan.batches, plan.index_reason) == ((), None)


def test_killed_in_each_phase_a_home_is_in_the_end_as_one_that_was_left_alone(live, kills, is_long):
    """The long form goes on until it has sent 100 kills, at least five of them into each phase."""
    undisturbed, told = live("undisturbed", {})
    assert contents_served(undisturbed)[0] != contents_served(undisturbed)[1]
    assert STOPPED in set(rows_of(undisturbed, VERDICT_OVERRIDES)["batch"])
    chance = random.Random(0)
    for number in range(LIVES if is_long else 1):
        life, webhook = live(f"life {number}", aims(2 if is_long else 1, chance, undisturbed))
        kills += life.kills
        for table in [*DERIVED, BATCH_ASSIGNMENTS, *RECORDED_ONCE]:
            assert_equal(life, undisturbed, table)
        assert served(life).equals(served(undisturbed))
        assert is_within(contents_served(undisturbed), contents_served(life))
        assert_told(life, webhook, told)
        assert_is_well_and_done(life)
        if is_long and is_enough(kills):
            break
    assert is_enough(kills) if is_long else len(kills) >= len(Phase) / 2


def is_enough(kills: list[Kill]) -> bool:
    hit = Counter(kill.phase for kill in kills if kill.phase != BETWEEN)
    return len(kills) >= KILLS and all(hit[phase] >= LEAST_PER_PHASE for phase in Phase)
