"""Products with photos on disk, small enough to work out every vector of FakeEncoder by hand."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
from PIL import Image

from fashion_assets.clip.encoder import FakeEncoder
from fashion_assets.embeddings.embed import embed_batch
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.storage.store import conform

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 6, tzinfo=UTC)


class CountingEncoder(FakeEncoder):
    """Records what it is asked to embed."""

    def __init__(self, model_id: str = "fake-colors"):
        super().__init__(model_id)
        self.photos, self.texts = 0, []

    def embed_photos(self, photos: Sequence[Image.Image]):
        self.photos += len(photos)
        return super().embed_photos(photos)

    def embed_texts(self, texts: Sequence[str]):
        self.texts += texts
        return super().embed_texts(texts)


def write_photo(folder, name: str, color: str) -> str:
    """A photo of one colour; returns the hash of the file."""
    Image.new("RGB", (6, 8), color).save(folder / name)
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


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
    known = nothing_known() if known is None else known
    return embed_batch(rows, folder, encoder or CountingEncoder(), known, image_weight, now, **other)
