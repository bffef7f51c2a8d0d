"""Products with photos on disk, and their rows of vectors."""

from datetime import UTC, datetime

import polars as pl

from fashion_assets.embeddings.embed import embed_batch
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.models.clip.photo_vectors import photo_paths, photo_vectors
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.fakes.encoder import CountingEncoder

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 6, tzinfo=UTC)


def product(product_id: int, sha256: str | None, path: str | None, **other) -> dict:
    return {
        "product_id": product_id,
        "image_path": path,
        "photo_sha256": sha256,
        "baseline_description": "Shirt",
        "rich_text_description": None,
        "use_enriched_text": False,
        **other,
    }


def frame(*products: dict) -> pl.DataFrame:
    types = {**EMBEDDINGS.schema, "use_enriched_text": pl.Boolean}
    return pl.DataFrame(list(products), schema={name: types[name] for name in products[0]})


def nothing_known() -> pl.DataFrame:
    return conform(pl.DataFrame(schema=EMBEDDINGS.schema), EMBEDDINGS)


def embed(rows, folder, encoder=None, known=None, image_weight=0.5, now=MONDAY, **other):
    """As the asset does: photos first, whose vectors are kept in a table in `folder`."""
    known = nothing_known() if known is None else known
    encoder = encoder or CountingEncoder()
    photos = photo_vectors(photo_paths(rows, folder), encoder, TableStore(str(folder / "tables")))
    return embed_batch(rows, photos, encoder, known, image_weight, now, **other)
