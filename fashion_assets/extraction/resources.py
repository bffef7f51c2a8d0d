"""The model and the prompts as Dagster resources. A model is loaded when first asked, once per process.

One resource for each back end; which one the assets get is decided at assembly.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import ConfigurableResource, ResourceDependency
from pydantic import Field

from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question, load_questions, require_essential
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.resources import GpuResource
from fashion_assets.storage.hashing import hash_text

if TYPE_CHECKING:
    import numpy as np


class PromptsResource(ConfigurableResource):
    """The questions asked of every photo."""

    folder: str = Field(description="Folder of prompt files.")

    def questions(self) -> list[Question]:
        questions = load_questions(Path(self.folder))
        require_essential(questions)
        return questions


class VlmResource(ConfigurableResource, ABC):
    """The model that looks at the photos, whatever its back end."""

    price_per_hour: float | None = Field(None, description="What an hour of its machine costs, in any currency.")

    @abstractmethod
    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        """The loaded model; raises ModelError with one sentence when it cannot be loaded.

        `photo_vectors` are what CLIP made of photos, by file hash: a back end that wants them need not make them again.
        """

    @abstractmethod
    def identity(self) -> ModelIdentity:
        """All that determines the answers given now, without loading the model."""

    @abstractmethod
    def describe(self) -> dict[str, str | int | float]:
        """Where the model runs, as plain values, for metadata; `device_name` is always among them."""


class TransformersVlm(VlmResource):
    """A SmolVLM or Idefics3 model in this process."""

    model: str = Field(description="A SmolVLM/Idefics3 id or folder.")
    image_splitting: bool = Field(False, description="Cut photos into tiles: finer detail, about 7 times the work.")
    prompt_order: str = Field("auto", description="What is read first: `photo-first`, `question-first` or `auto`.")
    gpu: ResourceDependency[GpuResource]

    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        return _transformers_model(self.model, self.gpu.plan(), self.image_splitting, self.prompt_order)

    def identity(self) -> ModelIdentity:
        from fashion_assets.extraction.backends.transformers.model import AskingStyle, vlm_identity

        return vlm_identity(self.model, AskingStyle(self.image_splitting, self.prompt_order))

    def describe(self) -> dict[str, str | int | float]:
        return self.gpu.describe()


class EndpointVlm(VlmResource):
    """Whatever model an OpenAI-compatible endpoint serves."""

    model: str = Field(description="The name under which the endpoint serves the model.")
    url: str = Field(description="The endpoint's address, as http://host:8000/v1.")
    concurrency: int = Field(8, ge=1, description="Most requests at a time.")
    timeout_seconds: float = Field(60, gt=0, description="Seconds that one answer may take.")
    tries: int = Field(5, ge=1, description="How often the endpoint is asked before a product fails.")
    key_fingerprint: str = Field("", description="Tells API keys apart; the key itself is no configuration.")

    @classmethod
    def with_key(cls, key: str | None, **fields: object) -> "EndpointVlm":
        """The resource for an endpoint that wants `key`, which never becomes configuration: the UI would show it."""
        fingerprint = hash_text(key)[:8] if key else ""
        _ENDPOINT_KEYS[fingerprint] = key
        return cls(key_fingerprint=fingerprint, **fields)

    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        return _endpoint_model(self._endpoint)

    def identity(self) -> ModelIdentity:
        from fashion_assets.extraction.backends.endpoint.model import endpoint_identity

        return endpoint_identity(self._endpoint)

    def describe(self) -> dict[str, str | int | float]:
        return {
            "device_name": f"endpoint {self._endpoint.address}",
            "concurrency": self.concurrency,
            "timeout_seconds": self.timeout_seconds,
            "tries": self.tries,
        }

    @property
    def _endpoint(self) -> Endpoint:
        key = _ENDPOINT_KEYS.get(self.key_fingerprint)
        return Endpoint(self.url, self.model, key, self.concurrency, self.timeout_seconds, self.tries)


_ENDPOINT_KEYS: dict[str, str | None] = {}
"""By fingerprint; in the memory of this process alone."""


class ZeroShotVlm(VlmResource):
    """No language model at all: the CLIP model scores the taxonomy's values against each photo."""

    clip: ResourceDependency[ClipResource]

    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        from fashion_assets.extraction.backends.zero_shot.model import ZeroShotModel

        return ZeroShotModel(self.clip.load(), photo_vectors)

    def identity(self) -> ModelIdentity:
        from fashion_assets.extraction.backends.zero_shot.model import zero_shot_identity

        return zero_shot_identity(self.clip.model)

    def describe(self) -> dict[str, str | int | float]:
        return self.clip.gpu.describe()


@lru_cache(maxsize=1)
def _transformers_model(model: str, plan: DevicePlan, image_splitting: bool, prompt_order: str) -> VisionLanguageModel:
    from fashion_assets.extraction.backends.transformers.model import AskingStyle, TransformersModel

    return TransformersModel(model, plan, AskingStyle(image_splitting, prompt_order))


@lru_cache(maxsize=1)
def _endpoint_model(endpoint: Endpoint) -> VisionLanguageModel:
    from fashion_assets.extraction.backends.endpoint.model import EndpointModel

    return EndpointModel(endpoint)
