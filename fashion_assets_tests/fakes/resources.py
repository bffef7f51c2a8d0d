"""The models' resources with fakes behind them: the same seams, no weights."""

from dataclasses import replace
from typing import Any

from fashion_assets.automation.resources import Resources, build_resources
from fashion_assets.extraction.model import FakeVisionLanguageModel, ModelIdentity
from fashion_assets.extraction.resources import VlmResource
from fashion_assets.models.clip.encoder import FakeEncoder, ImageTextEncoder
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.models.resources import GpuResource
from fashion_assets.settings import Settings

GPU = GpuResource(device="cpu")


class FakeVlmResource(VlmResource):
    """A fake model; one that `is_broken` answers outside the vocabulary, as other weights do.

    One that `misses` a word says another one, outside the vocabulary, in its place.
    """

    is_broken: bool = False
    misses: str = ""

    def load(self, photo_vectors=None) -> FakeVisionLanguageModel:
        return self._model()

    def _model(self) -> FakeVisionLanguageModel:
        if self.is_broken:
            return FakeVisionLanguageModel(lambda text: text.replace(":", ": broken"), "fake-broken")
        if self.misses:
            return FakeVisionLanguageModel(lambda text: text.replace(self.misses, "?"), f"fake-without-{self.misses}")
        return FakeVisionLanguageModel()

    def identity(self) -> ModelIdentity:
        return self._model().identity

    def describe(self) -> dict[str, str]:
        return {"device_name": "none"}


class FakeClipResource(ClipResource):
    def load(self) -> ImageTextEncoder:
        return FakeEncoder()

    def model_identity(self) -> str:
        return FakeEncoder().model_id


def fake_resources(is_broken: bool = False) -> dict[str, Any]:
    return {
        "vlm": FakeVlmResource(is_broken=is_broken),
        "clip": FakeClipResource(model="fake", gpu=GPU),
    }


def with_fakes(settings: Settings, is_broken: bool = False, **replaced: Any) -> Resources:
    """The resources of these settings with fake models, and `replaced` ones by name."""
    return replace(build_resources(settings), **{**fake_resources(is_broken), **replaced})
