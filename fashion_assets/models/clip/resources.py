"""The CLIP model as a Dagster resource."""

from typing import TYPE_CHECKING

from dagster import ConfigurableResource, ResourceDependency
from pydantic import Field

from fashion_assets.models.clip.loading import shared_encoder
from fashion_assets.models.resources import GpuResource

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder


class ClipResource(ConfigurableResource):
    """The model that embeds photos and texts into one space."""

    model: str = Field(description="An open_clip name with its tag, a folder, or an hf-hub: id.")
    hybrid_image_weight: float = Field(default=0.5, ge=0, le=1, description="Share of the photo in hybrid embeddings.")
    gpu: ResourceDependency[GpuResource]

    def load(self) -> "ImageTextEncoder":
        """The loaded encoder; raises ModelError with one sentence if it cannot be loaded."""
        return shared_encoder(self.model, self.gpu.plan())

    def model_identity(self) -> str:
        """The `embedding_model` of new vectors, without loading the model."""
        from fashion_assets.models.clip.open_clip_encoder import encoder_id

        return encoder_id(self.model)
