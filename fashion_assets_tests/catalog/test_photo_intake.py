"""Photos of a catalog that names files and addresses: they come below one folder, or are lost with their reason."""

from pathlib import Path

import polars as pl
import pytest

from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.ingest import ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTOS
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.photo_files import product, save
from fashion_assets_tests.fakes.folder_server import serving


@pytest.fixture
def server(tmp_path):
    for number in (1, 2):
        save(product(number), tmp_path / "web" / f"{number}.jpg")
    with serving(tmp_path / "web") as server:
        yield server


@pytest.fixture
def places(tmp_path) -> PhotoPlaces:
    save(product(3), tmp_path / "shop" / "photos" / "Three.JPG")
    limits = FetchLimits(private_hosts=frozenset({"127.0.0.1"}), tries=1, revalidate_after_seconds=0)
    return PhotoPlaces(tmp_path / "home", tmp_path / "shop", limits)


def test_addresses_and_files_come_below_one_folder(server, places, opened, tmp_path):
    table = (
        "product_id,image_path\n"
        f'1,"http://{server.host}/1.jpg, http://{server.host}/2.jpg"\n'
        f"2,http://{server.host}/none.jpg\n"
        f'3,photos/three.jpg\n4,"http://{server.host}/none.jpg, http://{server.host}/2.jpg"\n'
    )
    store = TableStore(str(tmp_path / "tables"))

    def photos() -> dict[int, tuple]:
        ingest(opened(table), places, store, NOW)
        products = store.read(INGESTED_PRODUCTS).join(
            store.read(PHOTOS).select("product_id", "problem"), on="product_id"
        )
        columns = ("photo_status", "image_path", "more_photos", "photo_address", "problem")
        return products.sort("product_id").rows_by_key("product_id", unique=True, named=True) | {0: columns}

    first = photos()
    assert [first[number]["photo_status"] for number in (1, 2, 3, 4)] == ["ok", "missing", "ok", "ok"]
    assert all((places.root / first[number]["image_path"]).is_file() for number in (1, 3, 4))
    assert first[1]["more_photos"] == [first[4]["image_path"]], "the second photo, which stands in for the first there"
    assert first[1]["photo_address"] == f"http://{server.host}/1.jpg"
    assert "404" in first[2]["problem"]
    assert first[3]["image_path"] == "local/photos/three.jpg"

    before = store.version(INGESTED_PRODUCTS), store.version(PHOTOS)
    photos()
    assert (store.version(INGESTED_PRODUCTS), store.version(PHOTOS)) == before
    Path(places.source_root, "photos", "Three.JPG").unlink()
    assert photos()[3]["photo_status"] == "missing"


def test_nothing_is_fetched_unless_the_shop_says_so(places, opened, tmp_path):
    store = TableStore(str(tmp_path / "tables"))
    closed = PhotoPlaces(places.source_root, places.source_root)
    ingest(opened("product_id,image_path\n1,http://127.0.0.1:9/1.jpg\n"), closed, store, NOW)
    (problem,) = store.read(PHOTOS)["problem"]
    assert "fetch = true" in problem
    assert store.read(INGESTED_PRODUCTS).select(pl.col("photo_status")).item() == "missing"
