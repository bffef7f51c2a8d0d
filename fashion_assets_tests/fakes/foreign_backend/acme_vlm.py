"""The whole of a package that adds a back end: it asks the (invented) Acme service about photos.

Its entry point is `acme = "acme_vlm:BACKEND"` in the group `fashion_assets.vlm_backends`; FASHION_VLM=acme:MODEL then
chooses it.
"""

import base64
import io
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Literal

from PIL import Image
from pydantic import Field, SecretStr

from fashion_assets.errors import ModelError
from fashion_assets.extraction.backends.backend import Backend, BackendInputs, FailureCode
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.resources import VlmResource
from fashion_assets.extraction.secrets import keep_secret, kept_secret
from fashion_assets.settings import SettingsGroup

BUSY = FailureCode("acme_busy", "The Acme service was too busy for this photo.")


class AcmeSettings(SettingsGroup):
    """Read from FASHION_ACME_URL, FASHION_ACME_KEY, and so on."""

    url: str = Field("https://acme.example", description="Address of the Acme service.")
    key: SecretStr | None = Field(None, description="The Acme service's key.")
    quality: Literal["coarse", "fine"] = Field("coarse", description="How closely Acme looks at a photo.")
    at_once: int = Field(5, ge=1, description="Most requests to Acme at a time.")


class AcmeModel(VisionLanguageModel):
    """Asks about each photo by itself."""

    micro_batch = 20

    def __init__(self, identity: ModelIdentity, url: str, key: str | None, quality: str, at_once: int):
        self.identity = identity
        self._url, self._key, self._quality, self._at_once = url, key, quality, at_once

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        with ThreadPoolExecutor(self._at_once) as threads:
            return list(threads.map(partial(self._ask, question=question), photos))

    def _ask(self, photo: Image.Image, question: Question) -> Answer:
        file = io.BytesIO()
        photo.save(file, "PNG")
        content = {
            "photo": base64.b64encode(file.getvalue()).decode(),
            "question": question.text,
            "schema": question.schema,
            "quality": self._quality,
        }
        headers = {"X-Acme-Key": self._key or ""}
        request = urllib.request.Request(f"{self._url}/look", json.dumps(content).encode(), headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                said = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return Answer("", failure=BUSY.code)
            raise ModelError(
                value=f"Acme at {self._url} answers with HTTP {error.code}",
                rule="it must accept the key",
                remedy="correct FASHION_ACME_KEY",
            ) from error
        return Answer(said["answer"], prompt_tokens=said["tokens"], seconds=said["seconds"])


class AcmeVlm(VlmResource):
    """Acme as a resource."""

    model: str
    url: str
    quality: str
    at_once: int
    key_fingerprint: str

    @property
    def requests_at_once(self) -> int:
        return self.at_once

    def load(self, photo_vectors=None) -> AcmeModel:
        return AcmeModel(self.identity(), self.url, kept_secret(self.key_fingerprint), self.quality, self.at_once)

    def identity(self) -> ModelIdentity:
        return ModelIdentity(f"{self.model}@acme/{self.quality}", photo_preparation="png", decoding="acme's")

    def describe(self) -> dict[str, str | int | float]:
        return {"device_name": f"Acme at {self.url}", "at_once": self.at_once}


def _resource(inputs: BackendInputs[AcmeSettings]) -> AcmeVlm:
    settings = inputs.settings
    return AcmeVlm(
        model=inputs.model,
        url=settings.url,
        quality=settings.quality,
        at_once=settings.at_once,
        key_fingerprint=keep_secret(settings.key.get_secret_value() if settings.key else None),
        price_per_hour=inputs.price_per_hour,
    )


BACKEND = Backend(name="acme", make_resource=_resource, settings=AcmeSettings, failure_codes=(BUSY,))
