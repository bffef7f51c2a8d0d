import pytest

from fashion_assets.search.index import build as building
from fashion_assets.search.index.versions import open_live
from fashion_assets_tests.factories.embedding_rows import build, color_rows


@pytest.fixture
def index_uri(tmp_path):
    return str(tmp_path / "index")


@pytest.fixture
def open_index(index_uri):
    """Builds an index of the given rows and opens it."""

    def build_and_open(rows):
        return open_live(index_uri, build(index_uri, rows).version)

    return build_and_open


@pytest.fixture
def forty_are_exact(monkeypatch):
    """Columns of more than 40 vectors have an index, so that no test needs thousands."""
    monkeypatch.setattr(building, "EXACT_VECTORS", 40)


@pytest.fixture(scope="session")
def red_table(tmp_path_factory):
    """An index of one red product."""
    uri = str(tmp_path_factory.mktemp("red"))
    return open_live(uri, build(uri, color_rows("red")).version)
