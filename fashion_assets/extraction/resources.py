"""The prompts, and the model whatever its back end, as Dagster resources.

Each back end has its own resource; which one the assets get is decided at assembly.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import ConfigurableResource
from pydantic import Field

from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question, load_questions, require_essential
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

if TYPE_CHECKING:
    import numpy as np


class PromptsResource(ConfigurableResource):
    """The prompts for the photos."""

    folder: str = Field(description="Folder of prompt files.")

    def questions(self, taxonomy: Taxonomy = SHIPPED.taxonomy) -> list[Question]:
        """The questions about the attributes of `taxonomy`; raises PromptError when they cannot be used."""
        questions = load_questions(Path(self.folder), taxonomy)
        require_essential(questions, taxonomy)
        return questions


class VlmResource(ConfigurableResource, ABC):
    """The model that looks at the photos, whatever its back end."""

    price_per_hour: float | None = Field(None, description="What an hour of its machine costs, in any currency.")

    @abstractmethod
    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        """The loaded model; raises ModelError with one sentence if it cannot be loaded.

        `photo_vectors` are the photos' CLIP vectors by file hash, for back ends that use them.
        """

    @abstractmethod
    def identity(self) -> ModelIdentity:
        """Everything that determines its answers, without loading the model."""

    @abstractmethod
    def describe(self) -> dict[str, str | int | float]:
        """Where the model runs, as plain values for metadata; always has `device_name`."""

    @property
    def requests_at_once(self) -> int | None:
        """How many requests, each with its photo, it answers at the same time; plans divide the time by it.

        None: it reads a photo once for all questions, and the photos of a micro-batch share the time.
        """
        return None
