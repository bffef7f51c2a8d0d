"""The whole ingest on the public reference catalog, where its files are at hand."""

from pathlib import Path

import polars as pl
import pytest

from fashion_assets.catalog.ingest import IngestResult, ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.source import open_source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW

RULES = CatalogRules.model_validate({"source": {"preset": "reference"}})


def ingested(table: Path, photos: Path, store: TableStore) -> IngestResult:
    return ingest(open_source(table, RULES), PhotoPlaces(photos, photos), store, NOW)


@pytest.fixture(scope="module")
def full(reference_catalog, tmp_path_factory):
    """The full table, without photos."""
    store = TableStore(str(tmp_path_factory.mktemp("full")))
    return store, ingested(reference_catalog / "styles.csv", reference_catalog / "none", store)


def test_all_44_446_rows_are_accepted_and_22_names_recovered(full):
    _, result = full
    assert (result.rows_in, result.accepted, result.quarantined) == (44_446, 44_446, 0)
    assert (result.recovered_names, result.unreadable) == (22, {})
    assert len(result.batches) == 45
    assert result.photos_by_status == {"ok": 0, "missing": 44_446, "unreadable": 0, "blank": 0}


def test_the_number_of_missing_values_is_that_of_the_table(full):
    store, _ = full
    nulls = store.read(INGESTED_PRODUCTS).null_count().row(0, named=True)
    expected = {"season": 21, "usage": 317, "year": 1, "base_color": 15, "product_display_name": 7, "price": 44_446}
    assert {name: nulls[name] for name in expected} == expected
    assert nulls["article_type"] == nulls["gender"] == 0


def test_a_recovered_name_is_whole(full):
    store, _ = full
    name = store.read(INGESTED_PRODUCTS).filter(product_id=59768)["product_display_name"].item()
    assert name == "Estelle Women Gold, Silver and Copper Toned Earrings"


def test_batches_hold_a_thousand_products_each(full):
    store, _ = full
    sizes = store.read(BATCH_ASSIGNMENTS).group_by("batch").len().sort("batch")["len"].to_list()
    assert sizes == [1000] * 44 + [446]


def test_sample_photos_are_read_and_only_true_duplicates_are_grouped(reference_catalog, tmp_path):
    store = TableStore(str(tmp_path))
    result = ingested(reference_catalog / "sample.csv", reference_catalog, store)
    assert result.photos_by_status == {"ok": 2_000, "missing": 0, "unreadable": 0, "blank": 0}
    photos = store.read(PHOTOS)
    assert photos.select("width", "height").unique().rows() == [(224, 224)]
    groups = photos.drop_nulls("duplicate_group").group_by("duplicate_group").agg(pl.col("sha256").n_unique(), pl.len())
    assert groups["len"].to_list() == [2] * 6  # five equal files, and trousers that differ in a badge
    assert sorted(groups["sha256"]) == [1, 1, 1, 1, 1, 2]

    again = ingested(reference_catalog / "sample.csv", reference_catalog, store)
    assert all(changes.total == 0 for changes in again.changes.values())
