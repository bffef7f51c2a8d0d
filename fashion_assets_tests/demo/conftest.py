"""A small demo catalog, made once for all tests of the slice."""

from pathlib import Path

import pytest

from fashion_assets.demo.catalog import DemoCatalog, write_demo_catalog

SMALL = 120


@pytest.fixture(scope="session")
def small_catalog(tmp_path_factory: pytest.TempPathFactory) -> DemoCatalog:
    """SMALL products, enough to hold every planted defect."""
    folder: Path = tmp_path_factory.mktemp("demo_catalog")
    return write_demo_catalog(folder, products=SMALL, seed=3, processes=1)
