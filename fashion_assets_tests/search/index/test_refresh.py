"""Which rows reach the index, when it counts as behind, and what happens when a version fails its checks."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import SearchError
from fashion_assets.search.index import refresh, update
from fashion_assets.search.index.build import build_index
from fashion_assets.search.index.servable import servable_fingerprint, servable_rows
from fashion_assets.search.index.versions import live_version, open_live, promote
from fashion_assets.search.index.withdrawals import withdrawn_ids
from fashion_assets.search.tables import INDEX_PROMOTIONS, live_promotion, record_promotion
from fashion_assets.storage import reader as storage
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH
from fashion_assets_tests.factories.embedding_rows import MODEL, color_rows, random_rows
from fashion_assets_tests.fakes.indexed_shop import COLORS, IndexedShop

NAN = [float("nan")] * 4


@pytest.fixture
def shop(store, index_uri):
    return IndexedShop(store, index_uri)


@pytest.fixture
def failing_checks(monkeypatch):
    """Recall is judged as failed until the fixture's value is cleared."""
    failing = ["recall"]
    real = refresh.judge_recall
    monkeypatch.setattr(refresh, "judge_recall", lambda recall, least: real(0.5 if failing else recall, least))
    return failing


def spoil(rows, product_id, column="text_embedding", vector=NAN):
    is_hit = pl.col("product_id") == product_id
    return rows.with_columns(pl.when(is_hit).then(pl.lit(vector, pl.List(pl.Float32))).otherwise(column).alias(column))


def test_a_refresh_promotes_and_the_index_is_then_current(shop):
    assert shop.is_stale()
    first = shop.refresh()
    assert (first.rows, first.was_built, first.was_promoted) == (4, True, True)
    assert (first.rows_left_out_of_another_model, first.rows_left_out_as_malformed) == (0, 0)
    assert not shop.is_stale()
    second = shop.refresh()
    assert (second.version, second.was_built, second.was_promoted) == (first.version, False, False)
    assert len(shop.store.read(INDEX_PROMOTIONS)) == 1


@pytest.mark.parametrize("change", [lambda shop: shop.sell(1, 2, 3), lambda shop: shop.sell(1, 2, 3, 4, price=2.0)])
def test_withdrawals_and_prices_make_it_stale(shop, change):
    shop.refresh()
    change(shop)
    assert shop.is_stale()
    assert shop.refresh().was_promoted
    assert not shop.is_stale()


def test_rows_of_another_model_are_left_out_and_counted(shop):
    shop.embed(color_rows(*COLORS, embedding_model=[MODEL, "old", MODEL, None]))
    refreshed = shop.refresh()
    assert (refreshed.rows, refreshed.rows_left_out_of_another_model) == (2, 2)
    assert shop.live_ids() == {1, 3}
    assert {j.outcome for judged in refreshed.judgements.values() for j in judged} <= {"passed", "warned"}
    assert not shop.is_stale()


@pytest.mark.parametrize("vector", [NAN, [0.0] * 4, [1.0, 0.0], [3.0, 0, 0, 0]])
def test_malformed_rows_are_left_out_and_counted_without_an_endless_rebuild(shop, vector):
    shop.embed(spoil(color_rows("red", "blue", "green", "black"), 4, vector=vector))
    refreshed = shop.refresh()
    assert (refreshed.rows, refreshed.rows_left_out_as_malformed, refreshed.was_promoted) == (3, 1, True)
    assert shop.live_ids() == {1, 2, 3}
    assert not shop.is_stale()
    shop.embed(color_rows("red", "blue", "green", "black", vector_repairs=[0, 0, 0, 1]))
    assert shop.is_stale()
    assert shop.refresh().rows == 4


def test_another_wanted_model_makes_it_stale_only_once_rows_of_it_exist(shop):
    shop.refresh()
    assert not shop.is_stale("new")
    shop.embed(color_rows(*COLORS, embedding_model=["new", MODEL, MODEL, MODEL]))
    assert shop.is_stale("new")
    assert shop.refresh("new").rows_left_out_of_another_model == 3
    assert shop.live_ids() == {1}
    assert not shop.is_stale("new")
    assert shop.is_stale(MODEL)


@pytest.mark.parametrize(
    ("change", "model", "words"),
    [
        (lambda shop: None, "new", ["None of the 4", "'new'", f"'{MODEL}'", "FASHION_CLIP"]),
        (lambda shop: shop.sell(), MODEL, ["None of the 4", "on sale any more"]),
        (
            lambda shop: shop.embed(color_rows("red").clear()),
            MODEL,
            ["No product has been embedded", "run some batches"],
        ),
        (
            lambda shop: shop.embed(spoil(color_rows(*COLORS[::-1]).filter(product_id=1), 1)),
            MODEL,
            ["All 1 rows", "malformed", "run their batches again"],
        ),
    ],
    ids=["other model", "all withdrawn", "nothing embedded", "all malformed"],
)
def test_with_nothing_to_index_the_live_version_stays_and_the_error_says_why(shop, change, model, words):
    version = shop.refresh().version
    change(shop)
    with pytest.raises(SearchError) as caught:
        shop.refresh(model)
    assert all(word in str(caught.value) for word in [*words, "is unchanged"]), str(caught.value)
    assert live_version(shop.uri) == live_promotion(shop.store)["index_version"] == version


@pytest.mark.parametrize(
    ("change", "model"), [(lambda shop: None, "new"), (lambda shop: shop.sell(), MODEL)], ids=["model", "withdrawn"]
)
def test_with_nothing_to_build_it_is_not_stale(shop, change, model):
    shop.refresh()
    change(shop)
    assert not shop.is_stale(model)


def test_a_refused_version_is_neither_live_nor_built_again(shop, failing_checks):
    refused = shop.refresh()
    assert (refused.was_built, refused.was_promoted) == (True, False)
    assert live_promotion(shop.store) is None
    assert live_version(shop.uri) is None
    (record,) = shop.store.read(INDEX_PROMOTIONS).to_dicts()
    assert record["reason"].startswith("refused: recall_at_20_is_at_least_99_percent: The index finds 50.0%")
    assert not shop.is_stale()
    again = shop.refresh()
    assert (again.version, again.was_built, again.was_promoted) == (refused.version, False, False)
    assert len(shop.store.read(INDEX_PROMOTIONS)) == 1


def test_a_refused_version_leaves_the_live_one_and_goes_live_once_its_checks_pass(shop, failing_checks):
    failing_checks.clear()
    live = shop.refresh().version
    failing_checks.append("recall")
    shop.sell(1, 2, 3)
    refused = shop.refresh().version
    assert live_version(shop.uri) == live_promotion(shop.store)["index_version"] == live != refused
    failing_checks.clear()
    passed = shop.refresh()
    assert (passed.version, passed.was_built, passed.was_promoted) == (refused, False, True)
    assert live_version(shop.uri) == live_promotion(shop.store)["index_version"] == refused


def test_content_that_is_live_again_after_a_refusal_is_not_built_again(shop, failing_checks):
    failing_checks.clear()
    live = shop.refresh().version
    failing_checks.append("recall")
    shop.sell(1, 2, 3)
    shop.refresh()
    shop.sell(1, 2, 3, 4)
    assert not shop.is_stale()
    assert shop.refresh().version == live
    shop.sell(1, 2)
    assert shop.is_stale()


def test_a_version_that_is_gone_is_built_again(shop, tmp_path):
    first = shop.refresh()
    shop.uri = str(tmp_path / "elsewhere")
    rebuilt = shop.refresh()
    assert (rebuilt.was_built, rebuilt.was_promoted) == (True, True)
    assert live_version(shop.uri) == rebuilt.version
    assert first.rows == rebuilt.rows


def test_withdrawn_products_of_the_index_are_known_before_it_is_rebuilt(shop):
    shop.refresh()
    table = open_live(shop.uri)
    assert withdrawn_ids(shop.store, table) == set()
    shop.sell(1, 3, 9)
    assert withdrawn_ids(shop.store, table) == {2, 4}


def test_staleness_reads_no_vectors(shop, monkeypatch):
    read = []
    real = type(shop.store).read

    def recording(self, table, batch=None, columns=None, partition=None):
        read.extend(columns or ["everything"] if table is EMBEDDINGS else [])
        return real(self, table, batch, columns, partition)

    monkeypatch.setattr(type(shop.store), "read", recording)
    shop.is_stale()
    assert set(read) == {*EMBEDDINGS.hashed_columns, BATCH}


def test_only_what_changed_is_written_into_the_next_version(shop):
    shop.embed(color_rows(*COLORS, *COLORS))
    shop.sell(*range(1, 9))
    assert (shop.refresh().rows_written, shop.live_ids()) == (8, set(range(1, 9)))
    shop.sell(*range(1, 8))
    changed = shop.refresh()
    assert (changed.rows_written, changed.rows_deleted, changed.was_promoted) == (0, 1, True)
    shop.embed(color_rows(*COLORS, "red", *COLORS[1:], product_display_name=["x", *[None] * 7]))
    changed = shop.refresh()
    assert (changed.rows_written, changed.rows_deleted) == (1, 0)
    assert shop.live_ids() == set(range(1, 8))


def test_another_model_is_built_whole(shop):
    shop.refresh()
    shop.embed(color_rows(*COLORS, embedding_model=["other"] * 4))
    assert shop.refresh("other").rows_written == 4


@pytest.fixture
def one_at_a_time(monkeypatch):
    """Each batch is read for itself, as twenty are in a large catalog, and each product is merged for itself."""
    monkeypatch.setattr(storage, "BATCHES_AT_ONCE", 1)
    monkeypatch.setattr(update, "_MERGED_AT_ONCE", 1)


def fill_batches(shop, rows):
    """Each of `rows` in a batch of its own, on sale at its price."""
    for batch, row in zip(("batch_00000", "batch_00001", "batch_00002"), rows.iter_slices(1), strict=True):
        shop.store.merge(EMBEDDINGS, row, batch)
        shop.store.merge(INGESTED_PRODUCTS, conform(row.select("product_id", "price"), INGESTED_PRODUCTS), batch)


@pytest.mark.usefixtures("one_at_a_time")
def test_a_catalog_of_several_batches_is_built_and_updated_as_one(shop):
    fill_batches(shop, color_rows("red", "blue", "green", price=[1.0, 2.0, 3.0]))
    first = shop.refresh()
    assert (first.rows, first.rows_written, shop.live_ids()) == (3, 3, {1, 2, 3})
    of_twenty = servable_fingerprint(shop.store, MODEL)
    assert not shop.is_stale()
    fill_batches(shop, color_rows("red", "blue", "green", price=[1.0, 5.0, 6.0]))
    shop.store.merge(INGESTED_PRODUCTS, conform(pl.DataFrame(), INGESTED_PRODUCTS), "batch_00000")
    assert servable_fingerprint(shop.store, MODEL) != of_twenty
    servable = servable_rows(shop.store, MODEL).rows
    built, changes = update.update_index(shop.uri, first.version, servable)
    assert (changes.written_ids.to_list(), changes.deleted_ids.to_list()) == ([2, 3], [1])
    stored = pl.DataFrame(open_live(shop.uri, built.version).to_arrow())
    assert dict(stored.select("product_id", "price").iter_rows()) == {2: 5.0, 3: 6.0}


def test_how_many_batches_are_read_at_once_makes_no_difference(shop, monkeypatch):
    fill_batches(shop, color_rows("red", "blue", "green", product_id=[3, 1, 2]))
    together = servable_fingerprint(shop.store, MODEL)
    monkeypatch.setattr(storage, "BATCHES_AT_ONCE", 1)
    assert servable_fingerprint(shop.store, MODEL) == together


def test_the_most_frequent_dimension_is_that_of_the_whole_catalog(shop):
    """Not that of a batch: the first holds nothing but vectors of 16 numbers."""
    fill_batches(shop, pl.concat([random_rows(1, product_id=[9]), color_rows("red", "blue")]))
    refreshed = shop.refresh()
    assert (refreshed.rows, refreshed.rows_left_out_as_malformed) == (2, 1)
    assert shop.live_ids() == {1, 2}


@pytest.mark.parametrize("change", [lambda shop: shop.sell(1, 2, 3), lambda shop: shop.sell(1, 2, 3, 4, price=2.0)])
def test_a_version_is_made_of_the_tables_as_they_were_when_it_was_begun(shop, change):
    servable = servable_rows(shop.store, MODEL)
    change(shop)
    begun_before = build_index(shop.uri, servable.rows)
    assert begun_before.rows == 4 and begun_before.facts.content_fingerprint != servable_fingerprint(shop.store, MODEL)
    stored = pl.DataFrame(open_live(shop.uri, begun_before.version).to_arrow())
    assert set(stored["price"]) == {1.0}
    assert shop.refresh().was_promoted
    assert not shop.is_stale()


def test_a_version_with_a_fingerprint_of_another_kind_is_followed_by_one_without_new_rows(shop):
    """As versions have that were built when the fingerprint was reckoned otherwise."""
    rows = servable_rows(shop.store, MODEL).rows
    older = build_index(shop.uri, replace(rows, facts=replace(rows.facts, content_fingerprint="of another kind")))
    promote(shop.uri, older.version)
    record_promotion(shop.store, older, "checks passed", shop.later())
    assert shop.is_stale()
    files = set(Path(shop.uri).rglob("data/*"))
    refreshed = shop.refresh()
    assert (refreshed.rows_written, refreshed.rows_deleted, refreshed.was_promoted) == (0, 0, True)
    assert files and set(Path(shop.uri).rglob("data/*")) == files
    assert not shop.is_stale()
