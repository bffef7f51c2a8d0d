"""The model and the prompts as Dagster resources. A model is loaded when first asked, once per process."""

from functools import lru_cache
from pathlib import Path

from dagster import ConfigurableResource, ResourceDependency
from pydantic import Field

from fashion_assets.extraction.model import VisionLanguageModel
from fashion_assets.extraction.questions import Question, load_questions
from fashion_assets.extraction.transformers_model import TransformersModel, vlm_identity
from fashion_assets.gpu import DevicePlan, GpuResource


class PromptsResource(ConfigurableResource):
    """The questions asked of every photo."""

    folder: str = Field(description="Folder of prompt files.")

    def questions(self) -> list[Question]:
        return load_questions(Path(self.folder))


class VlmResource(ConfigurableResource):
    """The vision-language model that looks at the photos."""

    model: str = Field(description="A SmolVLM/Idefics3 id or folder.")
    image_splitting: bool = Field(False, description="Cut photos into tiles: finer detail, about 7 times the work.")
    gpu: ResourceDependency[GpuResource]

    def load(self) -> VisionLanguageModel:
        """The loaded model; raises ModelError with one sentence when it cannot be loaded."""
        return _load(self.model, self.gpu.plan(), self.image_splitting)

    def model_identity(self) -> str:
        """The `model_id` of answers given now, without loading the model."""
        return vlm_identity(self.model, self.image_splitting)


@lru_cache(maxsize=1)
def _load(model: str, plan: DevicePlan, image_splitting: bool) -> VisionLanguageModel:
    return TransformersModel(model, plan, image_splitting)
