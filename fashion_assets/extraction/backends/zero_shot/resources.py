"""The zero-shot back end as a Dagster resource."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dagster import ResourceDependency

from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.resources import VlmResource
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.shop.profile import ShopProfile

if TYPE_CHECKING:
    import numpy as np


class ZeroShotVlm(VlmResource):
    """No language model: the CLIP model scores the taxonomy's values against each photo."""

    clip: ResourceDependency[ClipResource]
    shop: ResourceDependency[ShopProfile]

    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        from fashion_assets.extraction.backends.zero_shot.model import ZeroShotModel

        return ZeroShotModel(self.clip.load(), photo_vectors, self.shop.taxonomy)

    def identity(self) -> ModelIdentity:
        from fashion_assets.extraction.backends.zero_shot.model import zero_shot_identity

        return zero_shot_identity(self.clip.model, self.shop.taxonomy)

    def describe(self) -> dict[str, str | int | float]:
        return self.clip.gpu.describe()
