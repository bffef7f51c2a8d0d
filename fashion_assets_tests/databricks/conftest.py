import os
import shutil

import pytest

from fashion_assets.compute.workspace import open_workspace
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.factories.embedding_rows import MODEL, color_rows, without_photos
from fashion_assets_tests.fakes.databricks.clocks import FastClock
from fashion_assets_tests.fakes.databricks.server import Workspace
from fashion_assets_tests.fakes.databricks.vector_search import PLACE, VectorSearch


@pytest.fixture(scope="session")
def _written(tmp_path_factory):
    """Eight products, the last without a photo, and one with vectors of another model."""
    store = TableStore(str(tmp_path_factory.mktemp("written")))
    columns = {
        "embedding_model": [MODEL] * 7 + ["old-colors", MODEL],
        "gender": ["Men", "Women"] * 4 + ["Men"],
        "base_color": [None, "Blue", "Green", "White", "Black", "Yellow", 'O\'Neill "red"', "Red", "Red"],
        "price": [None, *(10.0 * number for number in range(2, 10))],
    }
    rows = color_rows("red", "blue", "green", "white", "black", "yellow", "red blue", "red", "red", **columns)
    store.merge(EMBEDDINGS, without_photos(rows, 9), BATCH_0)
    return store


@pytest.fixture
def embedded(_written, store):
    """`store` with nine products: 8 is embedded by another model, 9 has no photo."""
    shutil.copytree(_written.uri, store.uri)
    return store


@pytest.fixture
def clock():
    return FastClock()


@pytest.fixture
def vector_search(store):
    """Unity Catalog has the embeddings' table of `store`."""
    return VectorSearch(tables={PLACE.source_table: (store, EMBEDDINGS)})


@pytest.fixture
def workspace(vector_search, monkeypatch, tmp_path):
    """A workspace that the environment's credentials open."""
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "none"))
    with Workspace(vector_search.routes()) as workspace:
        for name, value in workspace.environment().items():
            monkeypatch.setenv(name, value)
        yield workspace


@pytest.fixture
def client(workspace, clock):
    """The SDK's own client."""
    return open_workspace(clock)
