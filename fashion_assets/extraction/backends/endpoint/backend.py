"""The declaration of the endpoint back end: its settings, its failure codes, and its resource."""

from pydantic import Field, SecretStr

from fashion_assets.extraction.backends.backend import Backend, BackendInputs, FailureCode
from fashion_assets.extraction.backends.endpoint.connection import (
    ANSWER_CUT_OFF,
    ANSWER_REFUSED,
    ENDPOINT_DOWN,
    ENDPOINT_ERROR,
    TIMEOUT,
)
from fashion_assets.extraction.backends.endpoint.resources import EndpointVlm
from fashion_assets.settings import SettingsGroup


class EndpointSettings(SettingsGroup):
    """The endpoint, and the limits of its requests."""

    url: str | None = Field(
        None,
        validation_alias="FASHION_ENDPOINT",
        description="OpenAI-compatible endpoint that answers instead of this machine, as `http://host:8000/v1`; "
        "FASHION_VLM then names the served model.",
    )
    key: SecretStr | None = Field(None, description="The endpoint's API key.")
    concurrency: int = Field(8, ge=1, le=512, description="Largest number of concurrent requests to the endpoint.")
    timeout: float = Field(60, gt=0, description="Longest time for one answer of the endpoint, in seconds.")
    tries: int = Field(5, ge=1, le=20, description="Largest number of tries for a request before the product fails.")


def _resource(inputs: BackendInputs[EndpointSettings]) -> EndpointVlm:
    settings = inputs.settings
    return EndpointVlm.with_key(
        settings.key.get_secret_value() if settings.key else None,
        model=inputs.model,
        url=settings.url,
        concurrency=settings.concurrency,
        timeout_seconds=settings.timeout,
        tries=settings.tries,
        price_per_hour=inputs.price_per_hour,
    )


ENDPOINT = Backend(
    name="endpoint",
    make_resource=_resource,
    settings=EndpointSettings,
    failure_codes=(
        FailureCode(TIMEOUT, "The endpoint took too long to answer."),
        FailureCode(ENDPOINT_ERROR, "The endpoint refused to answer or failed."),
        FailureCode(ENDPOINT_DOWN, "The endpoint seemed to be down, so no further request was sent."),
        FailureCode(ANSWER_REFUSED, "The model, or its content filter, refused to answer about the photo."),
        FailureCode(ANSWER_CUT_OFF, "The answer had no end within the largest number of tokens."),
    ),
    is_chosen=lambda vlm, settings: bool(settings.url),
)
