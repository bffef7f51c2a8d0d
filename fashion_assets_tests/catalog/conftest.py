from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from fashion_assets.catalog.ingest import IngestResult, ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.shapes.records import Repairs
from fashion_assets.catalog.source import Source, open_source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PRODUCT_VARIANTS, QUARANTINED_ROWS
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW

REFERENCE_CATALOG = Path(__file__).parents[3] / "shared" / "data" / "catalog"


@pytest.fixture
def write(tmp_path):
    """Writes a file below tmp_path and gives its path."""

    def write(content: str | bytes, name: str = "source.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def opened(write) -> Callable[..., Source]:
    """Opens a table by the sections of a shop's file."""

    def opened(content: str | bytes, **sections) -> Source:
        return open_source(write(content), CatalogRules.model_validate(sections))

    return opened


@pytest.fixture
def read(opened) -> Callable[..., pl.DataFrame]:
    """The offers of a table, by the sections of a shop's file."""

    def read(content: str | bytes, **sections) -> pl.DataFrame:
        return pl.concat(opened(content, **sections).offers(Repairs()))

    return read


class Ingested:
    """The tables after an ingest, and its figures."""

    def __init__(self, store: TableStore, result: IngestResult):
        self.store, self.result = store, result

    @property
    def products(self) -> pl.DataFrame:
        """In the order of the source."""
        places = self.store.read(BATCH_ASSIGNMENTS).select("product_id", "position")
        return self.store.read(INGESTED_PRODUCTS).join(places, on="product_id").sort("position").drop("position")

    @property
    def variants(self) -> pl.DataFrame:
        return self.store.read(PRODUCT_VARIANTS).sort("line_number")

    @property
    def quarantined(self) -> pl.DataFrame:
        return self.store.read(QUARANTINED_ROWS).sort("line_number")


@pytest.fixture
def ingested(opened, tmp_path) -> Callable[..., Ingested]:
    """Ingests a table into the same store each time; photos are below `photos`."""

    def ingested(content: str | bytes, **sections) -> Ingested:
        store, root = TableStore(str(tmp_path / "ingested")), tmp_path / "photos"
        source = opened(content, **sections)
        return Ingested(store, ingest(source, PhotoPlaces(root, root), store, NOW, allow_mass_withdrawal=True))

    return ingested


@pytest.fixture(scope="session")
def reference_catalog() -> Path:
    if not REFERENCE_CATALOG.is_dir():
        pytest.skip(f"the reference catalog is not at {REFERENCE_CATALOG}")
    return REFERENCE_CATALOG
