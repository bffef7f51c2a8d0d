import threading
from datetime import timedelta

import lancedb
import numpy as np
import polars as pl
import pytest

from fashion_assets.embeddings.tables import VECTOR_COLUMNS
from fashion_assets.errors import IndexMissing, SearchError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.index import build as building
from fashion_assets.search.index.versions import (
    CATEGORY_COLUMNS,
    INDEXES,
    built_index,
    live_version,
    open_live,
    promote,
)
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.search import search, search_vector
from fashion_assets_tests.factories.embedding_rows import (
    MODEL,
    OF_PHOTO,
    build,
    color_rows,
    fingerprint_of,
    random_rows,
    without_photos,
)


def ids(table) -> list[int]:
    return sorted(table.to_arrow()["product_id"].to_pylist())


def indexed_columns(table) -> set[str]:
    return {index.columns[0] for index in table.list_indices()}


def first_hit(table, text):
    return search(table, FakeEncoder(), text=text, index="vs_text_search", limit=1)[0].product_id


def test_the_five_indexes_cover_the_vector_columns():
    assert set(INDEXES.values()) == set(VECTOR_COLUMNS)


@pytest.mark.usefixtures("forty_are_exact")
def test_a_build_holds_every_row_with_all_its_indexes(index_uri):
    rows = random_rows(50, price=[float(n) for n in range(50)])
    built = build(index_uri, rows)
    table = open_live(index_uri, built.version)
    assert (built.rows, ids(table)) == (50, list(range(50)))
    assert (built.facts.embedding_model, built.facts.embedding_dimension) == (MODEL, 16)
    kinds = {index.columns[0]: index.index_type for index in table.list_indices()}
    assert kinds == {
        **dict.fromkeys(VECTOR_COLUMNS, "IvfHnswSq"),
        **dict.fromkeys(CATEGORY_COLUMNS, "Bitmap"),
        "price": "BTree",
        "baseline_description_folded": "FTS",
        "embedded_text_folded": "FTS",
        "identifiers": "FTS",
    }
    assert {table.index_stats(f"{name}_idx").distance_type for name in VECTOR_COLUMNS} == {"cosine"}
    assert built_index(table) == built


@pytest.mark.usefixtures("forty_are_exact")
@pytest.mark.parametrize(("count", "is_indexed"), [(40, False), (41, True)])
@pytest.mark.parametrize("filters", [Filters(), Filters(gender=("Women",))])
def test_above_a_number_vectors_are_indexed_and_either_way_the_nearest_are_found(
    open_index, count, is_indexed, filters
):
    rows = random_rows(count, gender=[("Women", "Men")[number % 2] for number in range(count)])
    table = open_index(rows)
    assert ("image_embedding" in indexed_columns(table)) is is_indexed
    vectors = np.array(rows["image_embedding"].to_list())
    passing = np.arange(0, count, 2 if filters.gender else 1)
    nearest = passing[np.argsort(-vectors[passing] @ vectors[7])][:5]
    hits = search_vector(table, vectors[7], index="vs_image_search", filters=filters, limit=5)
    assert [hit.product_id for hit in hits] == nearest.tolist()
    assert [hit.score for hit in hits] == pytest.approx(vectors[nearest] @ vectors[7], abs=1e-5)


@pytest.mark.usefixtures("forty_are_exact")
def test_in_a_column_of_many_graphs_all_are_asked(open_index, monkeypatch):
    """Those that pass the filter are in different graphs, most of them far from the query's own."""
    monkeypatch.setattr(building, "VECTORS_IN_A_GRAPH", 10)
    rows = random_rows(500, gender=[("Women" if number % 20 == 0 else "Men") for number in range(500)])
    table = open_index(rows)
    vectors = np.array(rows["image_embedding"].to_list())
    hits = search_vector(table, vectors[7], index="vs_image_search", filters=Filters(gender=("Women",)), limit=20)
    passing = np.arange(0, 500, 20)
    assert [hit.product_id for hit in hits] == passing[np.argsort(-vectors[passing] @ vectors[7])][:20].tolist()


@pytest.mark.usefixtures("forty_are_exact")
def test_each_column_is_indexed_by_its_own_number_of_vectors(open_index):
    table = open_index(without_photos(random_rows(60), *range(20)))
    assert indexed_columns(table) & set(VECTOR_COLUMNS) == set(VECTOR_COLUMNS) - set(OF_PHOTO)


def test_stored_vectors_are_the_rows_vectors(index_uri):
    rows = without_photos(random_rows(30), 3, 7)
    stored = pl.DataFrame(open_live(index_uri, build(index_uri, rows).version).to_arrow())
    for name in VECTOR_COLUMNS:
        assert stored[name].to_list() == rows[name].to_list()


def test_products_without_a_photo_are_found_by_text_only(open_index):
    table = open_index(without_photos(color_rows("red", "red", "blue"), 2))
    found = {name: [hit.product_id for hit in search(table, FakeEncoder(), text="red", index=name)] for name in INDEXES}
    assert {name: sorted(hits) for name, hits in found.items()} == {
        name: [1, 3] if column in OF_PHOTO else [1, 2, 3] for name, column in INDEXES.items()
    }


def test_a_catalog_without_any_photo_can_be_indexed(open_index):
    table = open_index(without_photos(color_rows("red", "blue"), 1, 2))
    assert first_hit(table, "blue") == 2
    assert search(table, FakeEncoder(), text="blue", index="vs_image_search") == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (color_rows("red").clear(), ["0 rows", "at least one"]),
        (color_rows("red", "blue", product_id=[7, 7]), ["Product 7", "each product once", "merge"]),
        (
            color_rows("red", "blue", embedding_model=[MODEL, "other"]),
            ["1 rows", "'other'", f"'{MODEL}'", "re-embed"],
        ),
        (color_rows("red", embedding_model=[None]), ["1 rows", "'None'"]),
        (
            pl.concat([color_rows("red", product_id=[1]), random_rows(1, product_id=[2])]),
            ["(4, 16)", "one dimension is allowed", "re-embed"],
        ),
        (
            color_rows("red", "blue").with_columns(
                image_embedding=pl.lit([float("nan"), 0, 0, 0], dtype=pl.List(pl.Float32))
            ),
            ["2 vectors are not finite", "(1, 2)"],
        ),
        (
            color_rows("red").with_columns(text_embedding=pl.lit([0.0, 0, 0, 0], dtype=pl.List(pl.Float32))),
            ["1 are not of length 1"],
        ),
    ],
    ids=["empty", "repeated", "other model", "no model", "two dimensions", "nan", "zero"],
)
def test_rows_that_would_spoil_the_index_are_refused(index_uri, rows, words):
    with pytest.raises(SearchError) as caught:
        build(index_uri, rows)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert live_version(index_uri) is None


def test_readers_keep_their_version_while_the_index_is_rebuilt(index_uri):
    old = build(index_uri, color_rows("red", "blue"))
    promote(index_uri, old.version)
    reader = open_live(index_uri)
    seen, is_done = set(), threading.Event()

    def read():
        while not is_done.is_set():
            seen.add((first_hit(reader, "blue"), reader.count_rows()))

    thread = threading.Thread(target=read)
    thread.start()
    new = build(index_uri, color_rows("blue", "red", "green"))
    is_done.set()
    thread.join()
    assert seen == {(2, 2)}
    assert first_hit(open_live(index_uri), "blue") == 2
    assert promote(index_uri, new.version) == old.version
    assert first_hit(reader, "blue") == 2
    assert first_hit(open_live(index_uri), "blue") == 1


def test_promotion_can_be_rolled_back(index_uri):
    versions = [build(index_uri, color_rows(*colors)).version for colors in (["red"], ["red", "blue"])]
    assert [promote(index_uri, version) for version in (*versions, versions[0])] == [None, *versions]
    assert live_version(index_uri) == versions[0]
    assert ids(open_live(index_uri)) == [1]


def test_an_old_version_keeps_its_own_provenance(index_uri):
    old = build(index_uri, color_rows("red"))
    new = build(index_uri, color_rows("red", embedding_model=["other"]), "other")
    assert [built_index(open_live(index_uri, built.version)) for built in (old, new)] == [old, new]


def test_built_versions_survive_a_clean_up(index_uri):
    old = build(index_uri, color_rows("red"))
    build(index_uri, color_rows("blue"))
    table = lancedb.connect(index_uri).open_table("products")
    with pytest.warns(UserWarning, match="every version"), pytest.raises(RuntimeError, match="built-"):
        table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
    assert first_hit(open_live(index_uri, old.version), "red") == 1


def test_only_a_finished_build_can_be_promoted(index_uri):
    built = build(index_uri, color_rows("red"))
    with pytest.raises(SearchError) as caught:
        promote(index_uri, built.version - 1)
    assert str(caught.value) == (
        f"Index version {built.version - 1} was never finished, "
        f"but only a finished one can go live; promote one of [{built.version}] or build a new one."
    )


def test_a_missing_index_or_version_says_what_to_do(index_uri):
    for call in (lambda: open_live(index_uri), lambda: promote(index_uri, 1)):
        with pytest.raises(IndexMissing, match=f"no index at '{index_uri}', but a search needs one; run `fashion run`"):
            call()
    build(index_uri, color_rows("red"))
    with pytest.raises(IndexMissing, match=r"No version .* was promoted, but a search needs one; run `fashion run`"):
        open_live(index_uri)
    with pytest.raises(IndexMissing, match=r"no version 999, .*; open the live version, or run `fashion run`"):
        open_live(index_uri, 999)


def test_the_fingerprint_sees_content_but_neither_order_nor_noise():
    rows = color_rows("red", "blue", price=[1.0, 2.0])
    noise = rows.with_columns(pl.col("text_embedding").list.eval(pl.element() + 1e-6), updated_at=pl.lit(None))
    assert fingerprint_of(rows) == fingerprint_of(rows.reverse()) == fingerprint_of(noise)
    assert fingerprint_of(rows) != fingerprint_of(rows.with_columns(price=pl.lit(3.0)))
    assert fingerprint_of(rows) != fingerprint_of(rows.with_columns(embedding_model=pl.lit("other")))


def test_a_build_carries_the_fingerprint_of_its_rows(index_uri):
    rows = color_rows("red", "blue")
    assert build(index_uri, rows).facts.content_fingerprint == fingerprint_of(rows)
