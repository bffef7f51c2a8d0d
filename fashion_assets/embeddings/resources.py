"""The CLIP model as a Dagster resource, loaded when first asked, once per process."""

from functools import lru_cache

from dagster import ConfigurableResource, ResourceDependency
from pydantic import Field

from fashion_assets.embeddings.encoder import ImageTextEncoder
from fashion_assets.embeddings.open_clip_encoder import encoder_id, load_encoder
from fashion_assets.gpu import DevicePlan, GpuResource


class ClipResource(ConfigurableResource):
    """The model that embeds photos and texts into one space."""

    model: str = Field(description="An open_clip name with its tag, a folder, or an hf-hub: id.")
    hybrid_image_weight: float = Field(0.5, ge=0, le=1, description="Share of the photo in hybrid embeddings.")
    gpu: ResourceDependency[GpuResource]

    def load(self) -> ImageTextEncoder:
        """The loaded encoder; raises ModelError with one sentence when it cannot be loaded."""
        return _load(self.model, self.gpu.plan())

    def model_identity(self) -> str:
        """The `embedding_model` of vectors made now, without loading the model."""
        return encoder_id(self.model)


@lru_cache(maxsize=1)
def _load(model: str, plan: DevicePlan) -> ImageTextEncoder:
    return load_encoder(model, plan)
