"""The CLIP model, loaded on first use and once per process, for assets, searches and notebooks."""

from functools import lru_cache
from typing import TYPE_CHECKING

from fashion_assets.models.device import DevicePlan

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder


@lru_cache(maxsize=1)
def shared_encoder(model: str, plan: DevicePlan) -> "ImageTextEncoder":
    """The encoder that `model` names, on the planned device; this process keeps the last one that was requested.

    Raises ModelError if it cannot be loaded.
    """
    from fashion_assets.models.clip.open_clip_encoder import load_encoder

    return load_encoder(model, plan)
