from pathlib import Path

import pytest

from fashion_assets.catalog.columns import column_mapping
from fashion_assets.catalog.source import SourceRows, read_source

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
def read(write):
    """Reads CSV text in our own column names."""

    def read(content: str | bytes, **mapping) -> SourceRows:
        return read_source(write(content), column_mapping(**mapping))

    return read


@pytest.fixture(scope="session")
def reference_catalog() -> Path:
    if not REFERENCE_CATALOG.is_dir():
        pytest.skip(f"the reference catalog is not at {REFERENCE_CATALOG}")
    return REFERENCE_CATALOG
