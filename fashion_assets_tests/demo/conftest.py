"""A small demo catalog, made once for all tests of the slice."""

from pathlib import Path

import pytest

from fashion_assets.demo.catalog import DemoCatalog, write_demo_catalog
from fashion_assets_tests.factories.demo_catalog import SMALL


@pytest.fixture(scope="session")
def small_catalog(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalog:
    """A catalog that is made once, with every planted defect."""
    folder: Path = tmp_path_factory.mktemp("demo_catalog")
    return write_demo_catalog(folder, products=SMALL, seed=3, processes=1)
