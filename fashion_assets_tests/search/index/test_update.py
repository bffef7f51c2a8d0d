"""A new version from an older one: exactly the changed rows are written, and the older one stays as it was."""

import subprocess
import sys
import time
from datetime import timedelta

import lancedb
import polars as pl
import pytest

from fashion_assets.errors import SearchError
from fashion_assets.search.index import build as building
from fashion_assets.search.index.recall import recall_at
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.update import index_changes, prune, update_index
from fashion_assets.search.index.versions import (
    INDEXES,
    built_index,
    indexed_ids,
    live_version,
    open_live,
    open_newest,
    promote,
)
from fashion_assets.search.index.words import IDENTIFIERS
from fashion_assets_tests.factories.embedding_rows import (
    MODEL,
    build,
    color_rows,
    fingerprint_of,
    random_rows,
    without_photos,
)

COLORS = ("red", "blue", "green", "white", "black")


@pytest.fixture
def first(index_uri):
    built = build(index_uri, color_rows(*COLORS))
    promote(index_uri, built.version)
    return built


def update(index_uri, version, rows):
    return update_index(index_uri, version, IndexRows.of_frame(rows, MODEL))


def renamed(rows: pl.DataFrame, product_id: int, name: str) -> pl.DataFrame:
    is_hit = pl.col("product_id") == product_id
    column = "product_display_name"
    return rows.with_columns(pl.when(is_hit).then(pl.lit(name)).otherwise(column).alias(column))


def test_exactly_what_changed_is_written_and_deleted(index_uri, first):
    rows = renamed(color_rows(*COLORS), 2, "another name").filter(pl.col("product_id") != 4)
    more = pl.concat([rows, color_rows(*COLORS, "grey").tail(1)])
    built, changes = update(index_uri, first.version, more)
    assert changes.written_ids.to_list() == [2, 6]
    assert changes.deleted_ids.to_list() == [4]
    table = open_live(index_uri, built.version)
    assert set(indexed_ids(table)) == {1, 2, 3, 5, 6}
    names = dict(pl.from_arrow(table.to_arrow().select(["product_id", "product_display_name"])).iter_rows())
    assert names[2] == "another name"
    assert built.facts.content_fingerprint == fingerprint_of(more)


def test_the_version_it_starts_from_and_what_is_served_stay_as_they_were(index_uri, first):
    update(index_uri, first.version, color_rows("red"))
    assert live_version(index_uri) == first.version
    live = open_live(index_uri)
    assert set(indexed_ids(live)) == {1, 2, 3, 4, 5}
    assert built_index(live) == first


def test_it_starts_from_the_version_it_is_told_whatever_was_written_since(index_uri, first):
    update(index_uri, first.version, color_rows("red"))
    built, changes = update(index_uri, first.version, renamed(color_rows(*COLORS), 1, "x"))
    assert changes.written_ids.to_list() == [1]
    assert set(indexed_ids(open_live(index_uri, built.version))) == {1, 2, 3, 4, 5}


def test_without_changes_nothing_is_written(index_uri, first):
    rows = IndexRows.of_frame(color_rows(*COLORS), MODEL)
    assert index_changes(open_live(index_uri, first.version), rows).count == 0


def test_a_version_with_other_columns_is_built_whole(index_uri, first):
    table = open_newest(index_uri)
    table.drop_columns([IDENTIFIERS])
    assert update_index(index_uri, table.version, IndexRows.of_frame(color_rows(*COLORS), MODEL)) is None


def test_a_photo_that_is_gone_leaves_the_photo_searches(index_uri, first):
    rows = without_photos(color_rows(*COLORS), 1).with_columns(
        photo_sha256=pl.when(pl.col("product_id") == 1).then(pl.lit("gone"))
    )
    built, changes = update(index_uri, first.version, rows)
    assert changes.written_ids.to_list() == [1]
    stored = open_live(index_uri, built.version).to_arrow().select(["product_id", "image_embedding"])
    assert pl.from_arrow(stored).filter(product_id=1)["image_embedding"].to_list() == [None]


@pytest.mark.usefixtures("forty_are_exact")
@pytest.mark.parametrize("vectors_in_a_graph", [1_000, 100])
def test_every_index_covers_the_new_rows_and_finds_what_exact_search_finds(index_uri, monkeypatch, vectors_in_a_graph):
    monkeypatch.setattr(building, "VECTORS_IN_A_GRAPH", vectors_in_a_graph)
    before = random_rows(500)
    first = build(index_uri, before)
    changed = random_rows(100, seed=7).with_columns(product_display_name=pl.lit("changed"))
    after = pl.concat([changed, before.filter(pl.col("product_id") >= 100), random_rows(550, seed=9).tail(50)])
    built, changes = update(index_uri, first.version, after)
    assert changes.count == 150
    table = open_live(index_uri, built.version)
    for column in INDEXES.values():
        assert table.index_stats(f"{column}_idx").num_unindexed_rows == 0
        assert recall_at(table, column) >= 0.99


@pytest.mark.usefixtures("forty_are_exact")
def test_vectors_that_become_too_many_for_exact_search_are_indexed(index_uri):
    rows = random_rows(45)
    built = build(index_uri, rows.head(40))
    assert vector_indexes(index_uri, built) == set()
    built, changes = update(index_uri, built.version, without_photos(rows, 44, 43, 42, 41, 40))
    assert changes.count == 5
    assert vector_indexes(index_uri, built) == {"text_embedding", "text_embedding_enriched"}
    table = open_live(index_uri, built.version)
    assert table.index_stats("text_embedding_idx").num_indexed_rows == 45
    for column in INDEXES.values():
        assert recall_at(table, column) == 1.0


@pytest.mark.usefixtures("forty_are_exact")
def test_an_index_stays_when_vectors_become_few_again(index_uri):
    built = build(index_uri, random_rows(50))
    built, _ = update(index_uri, built.version, random_rows(50).head(30))
    assert vector_indexes(index_uri, built) == set(INDEXES.values())
    assert recall_at(open_live(index_uri, built.version), "text_embedding") == 1.0


def vector_indexes(uri, built) -> set[str]:
    present = {index.columns[0] for index in open_live(uri, built.version).list_indices()}
    return present & set(INDEXES.values())


def test_rows_that_would_spoil_the_index_are_refused(index_uri, first):
    with pytest.raises(SearchError, match="occurs twice"):
        update(index_uri, first.version, pl.concat([color_rows("red"), color_rows("red")]))
    assert live_version(index_uri) == first.version


def test_another_writer_is_noticed(index_uri, first, monkeypatch):
    real = lancedb.table.LanceTable.optimize

    def optimize_while_another_writes(table, **options):
        table.add(open_live(index_uri, first.version).to_arrow().slice(0, 1))
        return real(table, **options)

    monkeypatch.setattr(lancedb.table.LanceTable, "optimize", optimize_while_another_writes)
    with pytest.raises(SearchError, match="another process has written into it too"):
        update(index_uri, first.version, renamed(color_rows(*COLORS), 1, "x"))


def test_a_kill_half_way_leaves_the_live_version_and_the_next_run_completes(index_uri, first):
    killed = subprocess.run([sys.executable, "-c", _KILLED, index_uri, str(first.version)], timeout=120)
    assert killed.returncode == -9
    assert open_newest(index_uri).version > first.version, "something was written"
    assert set(indexed_ids(open_live(index_uri))) == {1, 2, 3, 4, 5}
    built, changes = update(index_uri, live_version(index_uri), renamed(color_rows(*COLORS), 1, "x"))
    assert changes.written_ids.to_list() == [1]
    promote(index_uri, built.version)
    assert set(indexed_ids(open_live(index_uri))) == {1, 2, 3, 4, 5}


_KILLED = """
import os, signal, sys
import lancedb
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.update import update_index
from fashion_assets_tests.factories.embedding_rows import MODEL, color_rows
lancedb.table.LanceTable.optimize = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
update_index(sys.argv[1], int(sys.argv[2]), IndexRows.of_frame(color_rows("blue", "red"), MODEL))
"""


def test_old_versions_are_given_up_but_not_the_live_one(index_uri, first):
    versions = [first.version]
    for name in "abcd":
        versions.append(update(index_uri, versions[-1], renamed(color_rows(*COLORS), 1, name))[0].version)
    assert prune(index_uri, kept=2) == versions[1:3]
    for version in (first.version, *versions[3:]):
        assert set(indexed_ids(open_live(index_uri, version))) == {1, 2, 3, 4, 5}
    with pytest.raises(SearchError, match="was never finished"):
        promote(index_uri, versions[1])
    assert prune(index_uri, kept=2) == []


def test_pruned_versions_are_gone_from_the_disk(index_uri, first):
    last = second = first.version
    for name in "abc":
        second, last = last, update(index_uri, last, renamed(color_rows(*COLORS), 1, name))[0].version
        time.sleep(0.3)  # the age distinguishes versions
    promote(index_uri, last)
    assert prune(index_uri, kept=1, slack=timedelta(seconds=0.3))
    on_disk = {entry["version"] for entry in open_newest(index_uri).list_versions()}
    assert last in on_disk
    assert not {first.version, second} & on_disk
