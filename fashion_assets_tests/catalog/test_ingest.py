"""The whole ingest: every row is in a table, places are kept, and only what changed is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fashion_assets.catalog.ingest import IngestResult, ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.product_names import ProductNames
from fashion_assets.catalog.reading.table import SourceTable
from fashion_assets.catalog.source import open_source
from fashion_assets.catalog.tables import (
    BATCH_ASSIGNMENTS,
    INGESTED_PRODUCTS,
    PHOTOS,
    PRODUCT_VARIANTS,
    QUARANTINED_ROWS,
    SOURCE_COLUMN_NAMES,
)
from fashion_assets.errors import SourceError
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.damage import drop_table
from fashion_assets_tests.factories.photo_files import product, save

TABLES = (BATCH_ASSIGNMENTS, QUARANTINED_ROWS, PHOTOS, INGESTED_PRODUCTS)
RULES = CatalogRules.model_validate({"photos": {"path": "images/{id}.png"}})
LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path) -> TableStore:
    return TableStore(str(tmp_path / "tables"))


@pytest.fixture
def run(write, store, tmp_path):
    def run(*lines: str, now=NOW, **options) -> IngestResult:
        table = write("\n".join(["product_id,price,usage,product_display_name", *lines]))
        root = tmp_path / "photos"
        return ingest(open_source(table, RULES), PhotoPlaces(root, root), store, now, **options)

    return run


def versions(store) -> list[int]:
    return [store.version(table) for table in TABLES]


def lines(*product_ids: int) -> list[str]:
    return [f"{product_id},9.5,Casual,Shirt {product_id}" for product_id in product_ids]


def test_every_row_is_in_a_table(run, store, tmp_path):
    save(product(1), tmp_path / "photos" / "images" / "1.png")
    (tmp_path / "photos" / "images" / "2.png").write_text("no photo")
    result = run(*lines(1, 2, 3), "4,9.5,Casual,Red, or so", "4,1,Casual,Again", ",1,Casual,Y", "6,-1,Casual,Z", "7,1")
    assert (result.rows_in, result.accepted, result.quarantined) == (8, 4, 4)
    assert result.quarantined_by_kind == {"duplicate_id": 1, "product_id": 1, "price": 1, "malformed_row": 1}
    assert result.recovered_names == 1
    assert result.photos_by_status == {"ok": 1, "missing": 2, "unreadable": 1, "blank": 0}
    assert (result.new_products, result.withdrawn_products, result.returned_products) == (4, 0, 0)
    assert result.batches == ["batch_00000"]

    on_sale = store.read(INGESTED_PRODUCTS)
    assert on_sale["product_id"].to_list() == [1, 2, 3, 4]
    assert on_sale["product_display_name"].to_list()[3] == "Red, or so"
    assert on_sale["photo_status"].to_list() == ["ok", "unreadable", "missing", "missing"]
    assert on_sale["photo_sha256"].is_not_null().to_list() == [True, True, False, False]
    assert on_sale["batch"].unique().to_list() == ["batch_00000"]
    assert store.read(QUARANTINED_ROWS)["raw_line"].to_list() == [
        "4,1,Casual,Again",
        ",1,Casual,Y",
        "6,-1,Casual,Z",
        "7,1",
    ]
    assert store.read(PHOTOS)["status"].to_list() == on_sale["photo_status"].to_list()


def test_products_have_the_path_that_their_photo_really_has(run, store, tmp_path):
    save(product(1), tmp_path / "photos" / "Images" / "1.JPG")
    results = [run(*lines(1, 2)), run(*lines(1, 2))]
    for table in (INGESTED_PRODUCTS, PHOTOS):
        assert store.read(table)["image_path"].to_list() == ["Images/1.JPG", "images/2.png"]
    assert not any(changes.total for changes in results[1].changes.values())


def test_the_same_source_again_makes_no_commit(run, store):
    run(*lines(1, 2), ",1,a,b")
    before = versions(store)
    result = run(*lines(1, 2), ",1,a,b", now=LATER)
    assert versions(store) == before
    assert all(changes.total == 0 for changes in result.changes.values())
    assert (result.new_products, result.withdrawn_products, result.returned_products) == (0, 0, 0)


def test_only_what_changed_is_written(run, store):
    run(*lines(1, 2, 3))
    result = run(*lines(1, 2), "3,5,Casual,Shirt 3")
    assert {name: changes.total for name, changes in result.changes.items()} == {
        "batch_assignments": 0,
        "quarantined_rows": 0,
        "photos": 0,
        "ingested_products": 1,
        "product_variants": 0,
    }
    assert store.read(INGESTED_PRODUCTS)["price"].to_list() == [9.5, 9.5, 5.0]


def test_a_product_that_leaves_is_withdrawn_and_gets_its_place_back(run, store):
    run(*lines(1, 2, 3))
    left = run(*lines(2, 3, 4))
    assert (left.new_products, left.withdrawn_products, left.returned_products) == (1, 1, 0)
    assert store.read(INGESTED_PRODUCTS)["product_id"].to_list() == [2, 3, 4]
    assert store.read(PHOTOS)["product_id"].to_list() == [2, 3, 4]
    assert store.read(BATCH_ASSIGNMENTS).filter("is_withdrawn")["product_id"].to_list() == [1]
    back = run(*lines(1, 2, 3, 4))
    assert (back.new_products, back.withdrawn_products, back.returned_products) == (0, 0, 1)
    assert store.read(BATCH_ASSIGNMENTS)["position"].to_list() == [0, 1, 2, 3]


def test_places_are_kept_with_the_time_that_they_were_given(run, store):
    run(*lines(1, 2))
    run(*lines(2, 3), now=LATER)
    run(*lines(1, 2, 3), now=LATER)
    assert store.read(BATCH_ASSIGNMENTS)["assigned_at"].to_list() == [NOW, NOW, LATER]


def test_a_fixed_source_empties_the_quarantine(run, store):
    run(*lines(1, 2), "3,-1,Casual,Shirt 3")
    run(*lines(1, 2, 3))
    assert store.read(QUARANTINED_ROWS).is_empty()


def test_1001_products_make_two_partitions(run, store):
    result = run(*lines(*range(1_001)))
    assert result.batches == ["batch_00000", "batch_00001"]
    assert store.read(INGESTED_PRODUCTS, "batch_00001", list(SOURCE_COLUMN_NAMES))["product_id"].to_list() == [1_000]


def test_a_source_without_a_usable_row_writes_nothing(run, store):
    with pytest.raises(SourceError, match="has a header and no products"):
        run()
    with pytest.raises(SourceError, match=r"None of the 2 rows .* \(line 2: the product id is missing\)"):
        run(",1,a,b", "NULL,1,a,b")
    assert versions(store) == [-1] * 4


@pytest.mark.parametrize(("remaining", "is_refused"), [(6, False), (5, False), (4, True), (1, True)])
def test_more_than_half_gone_at_once_is_refused(run, store, remaining, is_refused):
    run(*lines(*range(10)))
    before = versions(store)
    if not is_refused:
        assert run(*lines(*range(remaining))).withdrawn_products == 10 - remaining
        return
    with pytest.raises(SourceError, match=f"{10 - remaining} of the 10 products.*FASHION_ALLOW_MASS_WITHDRAWAL"):
        run(*lines(*range(remaining)), *lines(*range(100, 200)))
    assert versions(store) == before
    assert run(*lines(*range(remaining)), allow_mass_withdrawal=True).withdrawn_products == 10 - remaining


def test_products_withdrawn_earlier_do_not_count_as_gone_again(run):
    run(*lines(*range(10)))
    run(*lines(*range(5)))
    assert run(*lines(*range(3))).withdrawn_products == 2


def test_the_assignment_is_written_first(run, store, monkeypatch):
    written = []
    merge = store.merge
    monkeypatch.setattr(store, "merge", lambda table, *rows: written.append(table.name) or merge(table, *rows))
    run(*lines(1))
    assert written == ["batch_assignments", "quarantined_rows", "photos", "ingested_products"]


def test_the_next_run_recovers_from_a_crash_between_the_tables(run, store, monkeypatch):
    merge = store.merge

    def crash(table, *rows):
        if table is PHOTOS:
            raise KeyboardInterrupt
        return merge(table, *rows)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "merge", crash)
        run(*lines(3, 1))
    run(*lines(1, 2, 3), now=LATER)
    places = store.read(BATCH_ASSIGNMENTS).select("product_id", "position").rows()
    assert places == [(1, 1), (2, 2), (3, 0)]
    assert store.read(INGESTED_PRODUCTS)["product_id"].to_list() == [1, 2, 3]


def test_progress_counts_photos(run):
    counts = []
    run(*lines(1, 2, 3), progress=lambda *done: counts.append(done))
    assert counts == [(3, 3)]


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "backwards"])
def test_how_the_catalog_is_cut_into_parts_makes_no_difference(run, tmp_path, monkeypatch, order, store):
    for number in (25, 2_345):  # the same photo, in two groups of batches
        save(product(1), tmp_path / "photos" / "images" / f"{number}.png")
    first = lines(*range(2_500))
    later = [*lines(*range(20, 2_600))[::order], *lines(25, 2_590), "9,-1,Casual,Free", "26,1,Casual,Taken", "x"]
    whole = [run(*first), run(*later, now=LATER)]
    expected = [store.read(table) for table in TABLES]

    monkeypatch.setattr(SourceTable, "parts", lambda table: table.read_parts(70))
    monkeypatch.setattr("fashion_assets.catalog.ingest_steps.BATCHES_AT_ONCE", 1)
    store.uri += "-in-parts"
    counts = []
    in_parts = [run(*first), run(*later, now=LATER, progress=lambda *done: counts.append(done))]
    assert in_parts == whole
    assert all(store.read(table).equals(rows) for table, rows in zip(TABLES, expected, strict=True))
    assert whole[1].quarantined_by_kind == {"duplicate_id": 3, "price": 1, "malformed_row": 1}
    assert whole[1].duplicate_groups == 1
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)
    assert counts[-1] == (2_580, 2_580)


def test_a_home_from_before_tables_were_partitioned_keeps_its_places(run, store, monkeypatch):
    unpartitioned = {table: replace(table, partition_by=()) for table in (BATCH_ASSIGNMENTS, PHOTOS)}
    run(*lines(*range(1_500)))
    rows = {table: store.read(table) for table in unpartitioned}
    for table, before in unpartitioned.items():
        drop_table(store, table)
        store.merge(before, rows[table])
    again = run(*lines(*range(1_500))[::-1], now=LATER)
    assert all(changes.total == 0 for changes in again.changes.values())
    assert all(store.read(table).equals(rows[table]) for table in unpartitioned)
    assert run(*lines(*range(10, 1_501)), now=LATER).withdrawn_products == 10
    assert store.read(BATCH_ASSIGNMENTS)["position"].to_list() == list(range(1_501))
    assert store.read(PHOTOS)["product_id"].to_list() == list(range(10, 1_501))


def test_rows_of_batches_without_an_assignment_are_removed(run, store):
    run(*lines(*range(1_001)))
    drop_table(store, BATCH_ASSIGNMENTS)
    run(*lines(1, 2))
    assert store.read(INGESTED_PRODUCTS)["product_id"].to_list() == [1, 2]
    assert store.read(PHOTOS)["product_id"].to_list() == [1, 2]


def test_a_home_from_before_text_ids_keeps_its_products(run, store):
    before = replace(
        BATCH_ASSIGNMENTS, columns=tuple(column for column in BATCH_ASSIGNMENTS.columns if column.name != "shop_id")
    )
    run(*lines(7, 8))
    rows = store.read(BATCH_ASSIGNMENTS).drop("shop_id")
    drop_table(store, BATCH_ASSIGNMENTS)
    store.merge(before, rows)
    again = run("007,9.5,Casual,Shirt 7", "8,9.5,Casual,Shirt 8", "A-9,9.5,Casual,Shirt 9", now=LATER)
    assert (again.new_products, again.withdrawn_products) == (1, 0)
    names = ProductNames(store)
    assert [names.find(name) for name in ("007", "8", "A-9")] == [7, 8, -1]


def test_text_ids_keep_their_keys_whatever_comes_and_goes(run, store):
    run("A,1,x,a", "B,1,x,b")
    keys = dict(store.read(BATCH_ASSIGNMENTS).select("shop_id", "product_id").iter_rows())
    run("C,1,x,c", "B,1,x,b", now=LATER)
    run("B,1,x,b", "D,1,x,d", "A,1,x,a", "C,1,x,c", now=LATER)
    later = dict(store.read(BATCH_ASSIGNMENTS).select("shop_id", "product_id").iter_rows())
    assert later.items() > keys.items()
    assert sorted(later.values()) == [-4, -3, -2, -1]


def test_rows_that_cannot_be_used_are_the_cause_of_a_mass_withdrawal(run):
    run(*lines(*range(10)))
    with pytest.raises(SourceError, match=r"8 of the 10 products .*\(8 of its 10 rows cannot be used\)"):
        run(*lines(0, 1), *(f"{number},-1,Casual,Shirt" for number in range(2, 10)))


def test_variants_are_counted_and_written_and_leave_with_their_product(ingested):
    rules = {"variants": {"group": "style", "visible": ["color"], "hidden": ["size"]}}
    header = "product_id,style,color,size,stock\n"
    done = ingested(header + "1,S,Red,M,0\n2,S,Red,L,3\n3,S,Blue,M,1\n4,,,,\n", **rules)
    assert (done.result.rows_in, done.result.accepted, done.result.further_variants) == (4, 3, 1)
    assert done.products["shop_id"].to_list() == ["S/Red", "S/Blue", "4"]
    assert done.variants.select("sku", "shop_id", "size", "in_stock").rows() == [
        ("1", "S/Red", "M", False),
        ("2", "S/Red", "L", True),
        ("3", "S/Blue", "M", True),
    ]
    without = ingested(header + "4,,,,\n", **rules)
    assert without.variants.is_empty()
    assert without.result.changes[PRODUCT_VARIANTS.name].total == 3
