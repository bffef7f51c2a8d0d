"""A session over the products of `factories/reviewed_products.py`."""

from pathlib import Path

import pytest

from fashion_assets.quality.review.session import ReviewSession
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.factories.reviewed_products import AUTHOR, FAILED, ROWS, write_rows


@pytest.fixture
def catalog(store: TableStore, tmp_path: Path) -> TableStore:
    """The tables of ROWS, with a photo of every product but the failed one."""
    rows = []
    for row in ROWS:
        name = f"{row['product_id']}.png"
        is_there = row["product_id"] != FAILED
        sha256 = write_photo(tmp_path / "photos", name, (200, 30, 30)) if is_there else None
        rows.append(
            {**row, "image_path": name, "photo_sha256": sha256, "photo_status": "ok" if is_there else "missing"}
        )
    write_rows(store, *rows)
    return store


@pytest.fixture
def session(catalog: TableStore, tmp_path: Path, questions) -> ReviewSession:
    return ReviewSession(catalog, tmp_path / "photos", questions, AUTHOR)
