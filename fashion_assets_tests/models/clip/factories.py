"""Photos of one colour on disk, and an encoder that counts: every vector can be worked out by hand."""

import hashlib
from collections.abc import Sequence

from PIL import Image

from fashion_assets.models.clip.encoder import FakeEncoder


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
