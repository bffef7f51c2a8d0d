"""The model and the prompts as Dagster resources. A model is loaded when first asked, once per process.

One resource for each back end; which one the assets get is decided at assembly.
"""

from functools import lru_cache
from pathlib import Path

from dagster import ConfigurableResource, ResourceDependency
from pydantic import Field

from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question, load_questions
from fashion_assets.extraction.transformers_model import AskingStyle, TransformersModel, vlm_identity
from fashion_assets.gpu import DevicePlan, GpuResource


class PromptsResource(ConfigurableResource):
    """The questions asked of every photo."""

    folder: str = Field(description="Folder of prompt files.")

    def questions(self) -> list[Question]:
        return load_questions(Path(self.folder))


class VlmResource(ConfigurableResource):
    """The model that looks at the photos, whatever its back end."""

    def load(self) -> VisionLanguageModel:
        """The loaded model; raises ModelError with one sentence when it cannot be loaded."""
        raise NotImplementedError

    def identity(self) -> ModelIdentity:
        """All that determines the answers given now, without loading the model."""
        raise NotImplementedError

    def describe(self) -> dict[str, str | int | float]:
        """Where the model runs, as plain values, for metadata; `device_name` is always among them."""
        raise NotImplementedError


class TransformersVlm(VlmResource):
    """A SmolVLM or Idefics3 model in this process."""

    model: str = Field(description="A SmolVLM/Idefics3 id or folder.")
    image_splitting: bool = Field(False, description="Cut photos into tiles: finer detail, about 7 times the work.")
    prompt_order: str = Field("auto", description="What is read first: `photo-first`, `question-first` or `auto`.")
    gpu: ResourceDependency[GpuResource]

    def load(self) -> VisionLanguageModel:
        return _load(self.model, self.gpu.plan(), self._style)

    def identity(self) -> ModelIdentity:
        return vlm_identity(self.model, self._style)

    def describe(self) -> dict[str, str | int | float]:
        return self.gpu.describe()

    @property
    def _style(self) -> AskingStyle:
        return AskingStyle(self.image_splitting, self.prompt_order)


@lru_cache(maxsize=1)
def _load(model: str, plan: DevicePlan, style: AskingStyle) -> VisionLanguageModel:
    return TransformersModel(model, plan, style)
