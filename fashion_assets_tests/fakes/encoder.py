"""An encoder that counts what it is asked; every vector can be worked out by hand."""

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
