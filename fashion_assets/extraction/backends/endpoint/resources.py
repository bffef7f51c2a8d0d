"""The endpoint back end as a Dagster resource."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import Field

from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.resources import VlmResource
from fashion_assets.extraction.secrets import keep_secret, kept_secret

if TYPE_CHECKING:
    import numpy as np


class EndpointVlm(VlmResource):
    """Whatever model an OpenAI-compatible endpoint serves."""

    model: str = Field(description="The name under which the endpoint serves the model.")
    url: str = Field(description="The endpoint's address, as http://host:8000/v1.")
    concurrency: int = Field(8, ge=1, description="Most requests at a time.")
    timeout_seconds: float = Field(60, gt=0, description="Seconds that one answer may take.")
    tries: int = Field(5, ge=1, description="How often the endpoint is asked before a product fails.")
    key_fingerprint: str = Field("", description="Identifies the API key, which is not part of the configuration.")

    @classmethod
    def with_key(cls, key: str | None, **fields: Any) -> "EndpointVlm":
        """The resource for an endpoint with `key`, which never becomes configuration."""
        return cls(key_fingerprint=keep_secret(key), **fields)

    @property
    def requests_at_once(self) -> int:
        return self.concurrency

    def load(self, photo_vectors: Mapping[str, "np.ndarray"] | None = None) -> VisionLanguageModel:
        return _load(self._endpoint)

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
        key = kept_secret(self.key_fingerprint)
        return Endpoint(self.url, self.model, key, self.concurrency, self.timeout_seconds, self.tries)


@lru_cache(maxsize=1)
def _load(endpoint: Endpoint) -> VisionLanguageModel:
    from fashion_assets.extraction.backends.endpoint.model import EndpointModel

    return EndpointModel(endpoint)
