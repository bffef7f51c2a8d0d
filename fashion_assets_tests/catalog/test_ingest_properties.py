"""Any product table, read in parts and placed in small batches: each row becomes a product or is quarantined."""

import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_assets.catalog import source as source_module
from fashion_assets.catalog.columns import column_mapping
from fashion_assets.catalog.ingest import ingest
from fashion_assets.catalog.source import read_source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.catalog.validation import validate
from fashion_assets.errors import SourceError
from fashion_assets.orchestration import batches
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW

pytestmark = pytest.mark.long_form

FEW = settings(max_examples=max(1, settings().max_examples // 10))
"""An ingest writes four tables: about a fifth of a second."""

MAPPING = column_mapping()
ids = st.integers(0, 9).map(str) | st.sampled_from(["", "x", "-1", "1.0", "9" * 20])
paths = st.sampled_from(["", "a.jpg", "../a.jpg", "/a.jpg", "a\\b.jpg"])
lines = st.tuples(ids, st.sampled_from(["", "1", "-1", "x"]), paths, st.text(max_size=5)).map(",".join)
sources = st.lists(lines, max_size=9).map("\n".join)


@FEW
@given(st.lists(sources, min_size=1, max_size=3))
def test_rows_in_are_products_and_quarantined_rows(history):
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(source_module, "ROWS_IN_PART", 2),
        patch.object(batches, "BATCH_SIZE", 3),
    ):
        store = TableStore(f"{folder}/tables")
        for content in history:
            path = Path(folder, "source.csv")
            path.write_text("product_id,price,image_path,product_display_name\n" + content, errors="replace")
            require_every_row_somewhere(store, path)


def require_every_row_somewhere(store: TableStore, path: Path) -> None:
    expected = validate(read_source(path, MAPPING), MAPPING)
    tables = (INGESTED_PRODUCTS, QUARANTINED_ROWS, PHOTOS, BATCH_ASSIGNMENTS)
    before = [store.version(table) for table in tables]
    try:
        result = ingest(path, MAPPING, path.parent, store, NOW, allow_mass_withdrawal=True)
    except SourceError:
        assert expected.accepted.is_empty()
        assert [store.version(table) for table in tables] == before
        return
    assert result.rows_in == result.accepted + result.quarantined
    assert store.read(INGESTED_PRODUCTS)["product_id"].to_list() == expected.accepted["product_id"].sort().to_list()
    assert store.read(QUARANTINED_ROWS)["line_number"].to_list() == expected.quarantined["line_number"].to_list()
    assert store.read(PHOTOS)["product_id"].to_list() == store.read(INGESTED_PRODUCTS)["product_id"].to_list()
    places = store.read(BATCH_ASSIGNMENTS)
    assert set(places.filter(~places["is_withdrawn"])["product_id"]) == set(expected.accepted["product_id"])
    again = ingest(path, MAPPING, path.parent, store, NOW, allow_mass_withdrawal=True)
    assert not any(changes.total for changes in again.changes.values())
