"""The declaration of the in-process back end: its settings, and its resource."""

from typing import Literal

from pydantic import Field

from fashion_assets.extraction.backends.backend import Backend, BackendInputs
from fashion_assets.extraction.backends.transformers.resources import TransformersVlm
from fashion_assets.settings import SettingsGroup


class TransformersSettings(SettingsGroup):
    """How a model in this process is prompted."""

    image_splitting: bool = Field(
        False,
        validation_alias="FASHION_IMAGE_SPLITTING",
        description="Let the vision-language model cut photos into tiles: finer detail, about 7 times the work.",
    )
    prompt_order: Literal["auto", "photo-first", "question-first"] = Field(
        "auto",
        validation_alias="FASHION_PROMPT_ORDER",
        description="What the vision-language model reads first. Both are read once for many answers; `auto` puts the "
        "longer one first.",
    )


def _resource(inputs: BackendInputs[TransformersSettings]) -> TransformersVlm:
    return TransformersVlm(
        model=inputs.model,
        image_splitting=inputs.settings.image_splitting,
        prompt_order=inputs.settings.prompt_order,
        gpu=inputs.gpu,
        price_per_hour=inputs.price_per_hour,
    )


TRANSFORMERS = Backend(
    name="transformers",
    make_resource=_resource,
    settings=TransformersSettings,
    runs_on_clusters=True,
    is_chosen=lambda vlm, settings: True,
)
