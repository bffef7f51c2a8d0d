"""The index assets: what the UI shows of a build."""

import polars as pl
import pytest
from dagster import AssetKey, materialize

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.quality.resources import LabelsResource
from fashion_assets.search.assets import SEARCH, build_search_indexes
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.resources import IndexResource
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories import BATCH_0, RED, write_photo
from fashion_assets_tests.factories.embedding_rows import OF_PHOTO, color_rows, without_photos
from fashion_assets_tests.fakes.resources import fake_resources


@pytest.fixture
def metadata(store, index_uri, tmp_path):
    """Embeds rows, builds the indexes, and returns each one's metadata."""

    def build(rows):
        store.merge(EMBEDDINGS, rows, BATCH_0)
        products = rows.select("product_id").with_columns(price=pl.lit(1.0))
        store.merge(INGESTED_PRODUCTS, conform(products, INGESTED_PRODUCTS), BATCH_0)
        result = materialize(
            [build_search_indexes],
            resources={
                **SEARCH,
                "clip": fake_resources()["clip"],
                "tables": TablesResource(uri=store.uri),
                "index": IndexResource(uri=index_uri),
                "catalog": CatalogResource(source="", photos=str(tmp_path / "photos")),
                "labels": LabelsResource(),
                "shop": SHIPPED,
            },
        )
        built = {name: result.asset_materializations_for_node("build_search_indexes") for name in INDEXES}
        return {name: _of(name, found) for name, found in built.items()}

    return build


def _of(name, materializations):
    (found,) = [one for one in materializations if one.asset_key == AssetKey(name)]
    return {key: value.value for key, value in found.metadata.items()}


def test_each_index_shows_an_example_search_and_what_was_left_out(metadata, tmp_path):
    write_photo(tmp_path / "photos", "1.png", RED)
    columns = {"image_path": ["1.png", "gone.png", None], "product_display_name": ["Red one", "Blue one", "Old one"]}
    rows = color_rows("red", "blue", "red", embedding_model=["fake-colors", "fake-colors", "old"], **columns)
    for name, shown in metadata(rows).items():
        header, _, first, second = shown["preview"].split("\n")
        assert header == "| photo | score | shop_id | product_display_name | description |", name
        assert "data:image/jpeg" in first and "| 1.0 | 1 | Red one | red shirt |" in first
        assert "| 0.5 | 2 | Blue one | blue shirt |" in second
        assert (shown["dagster/row_count"], shown["rows_left_out_of_another_model"]) == (2, 1)
        assert shown["rows_left_out_as_malformed"] == 0


def test_an_index_without_vectors_says_so(metadata):
    previews = {name: shown["preview"] for name, shown in metadata(without_photos(color_rows("red"), 1)).items()}
    empty = {name for name, preview in previews.items() if preview == "No product has a vector in this index."}
    assert {INDEXES[name] for name in empty} == set(OF_PHOTO)
