"""The in-process back end as a Dagster resource. The model is loaded when first used, once per process."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from dagster import ResourceDependency
from pydantic import Field

from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.resources import VlmResource
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.resources import GpuResource

if TYPE_CHECKING:
    import numpy as np


class TransformersVlm(VlmResource):
    """A SmolVLM or Idefics3 model in this process."""

    model: str = Field(description="A SmolVLM/Idefics3 id or folder.")
    image_splitting: bool = Field(False, description="Cut photos into tiles: finer detail, about 7 times the work.")
    prompt_order: str = Field("auto", description="What is read first: `photo-first`, `question-first` or `auto`.")
    gpu: ResourceDependency[GpuResource]

    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        return _load(self.model, self.gpu.plan(), self.image_splitting, self.prompt_order)

    def identity(self) -> ModelIdentity:
        from fashion_assets.extraction.backends.transformers.model import AskingStyle, vlm_identity

        return vlm_identity(self.model, AskingStyle(self.image_splitting, self.prompt_order))

    def describe(self) -> dict[str, str | int | float]:
        return self.gpu.describe()


@lru_cache(maxsize=1)
def _load(model: str, plan: DevicePlan, image_splitting: bool, prompt_order: str) -> VisionLanguageModel:
    from fashion_assets.extraction.backends.transformers.model import AskingStyle, TransformersModel

    return TransformersModel(model, plan, AskingStyle(image_splitting, prompt_order))
