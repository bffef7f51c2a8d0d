"""The declaration of the zero-shot back end."""

from fashion_assets.extraction.backends.backend import Backend, BackendInputs, NoSettings
from fashion_assets.extraction.backends.zero_shot.resources import ZeroShotVlm


def _resource(inputs: BackendInputs[NoSettings]) -> ZeroShotVlm:
    return ZeroShotVlm(clip=inputs.clip, shop=inputs.shop, price_per_hour=inputs.price_per_hour)


ZERO_SHOT = Backend(
    name="clip",
    make_resource=_resource,
    settings=NoSettings,
    runs_on_clusters=True,
    is_chosen=lambda vlm, settings: vlm == "clip",  # FASHION_CLIP names the CLIP model
)
