"""The CLIP model, loaded when first asked and once per process, for whoever embeds: assets, searches, notebooks."""

from functools import lru_cache
from typing import TYPE_CHECKING

from fashion_assets.models.device import DevicePlan

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder


@lru_cache(maxsize=1)
def shared_encoder(model: str, plan: DevicePlan) -> "ImageTextEncoder":
    """The encoder that `model` names, on the planned device; this process keeps the one that was asked for last.

    Raises ModelError when it cannot be loaded.
    """
    from fashion_assets.models.clip.open_clip_encoder import load_encoder

    return load_encoder(model, plan)
