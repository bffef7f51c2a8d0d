"""What a back end declares of itself: its name, settings, failure codes, and how it becomes a resource.

Everything else is derived: the registry chooses by it, `fashion retry` takes its settings, reports explain its codes,
and plans ask its resource (`VlmResource.requests_at_once`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from fashion_assets.errors import SettingsError
from fashion_assets.extraction.resources import VlmResource
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.models.resources import GpuResource
from fashion_assets.settings import Settings, SettingsGroup, read_settings

_WORD = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"

OwnSettings = TypeVar("OwnSettings", bound=SettingsGroup)


class NoSettings(SettingsGroup):
    """For a back end that needs none of its own."""


@dataclass(frozen=True)
class FailureCode:
    """A code for `Answer.failure`, and what it means to people, in a sentence.

    A model fails with a code only for what may pass, like a timeout: the photo is asked about again by the next run or
    by `fashion retry`. Raises SettingsError for a code that is no lower-case word, or has no meaning.
    """

    code: str
    meaning: str

    def __post_init__(self):
        if not re.fullmatch(_WORD, self.code):
            raise SettingsError(
                value=f"The failure code is '{self.code}'",
                rule="tables hold codes as `code:question`",
                remedy="use lower-case letters, digits and single underscores, as in `rate_limited`",
            )
        if not self.meaning.strip():
            raise SettingsError(
                value=f"The failure code '{self.code}' has no meaning",
                rule="reports say what a code means",
                remedy="give it a sentence",
            )


@dataclass(frozen=True)
class BackendInputs(Generic[OwnSettings]):
    """What a back end's resource is made from.

    `model` is FASHION_VLM without the back end's name (empty where the name is all), a folder for the shipped model;
    `price_per_hour` is in any currency.
    """

    model: str
    settings: OwnSettings
    gpu: GpuResource
    clip: ClipResource
    price_per_hour: float | None


@dataclass(frozen=True)
class Backend(Generic[OwnSettings]):
    """A back end.

    FASHION_VLM chooses it as `name` or `name:model`, unless `is_chosen` decides otherwise, from FASHION_VLM and the
    back end's settings; FASHION_VLM is then the model as it is. Each field of `settings` is read from
    FASHION_NAME_FIELD, or from its `validation_alias`. `runs_on_clusters` says whether batches may be computed on
    Databricks clusters, which have this package alone. Raises SettingsError for a name that is no lower-case word.
    """

    name: str
    make_resource: Callable[[BackendInputs[OwnSettings]], VlmResource]
    settings: type[OwnSettings]
    failure_codes: tuple[FailureCode, ...] = ()
    runs_on_clusters: bool = False
    is_chosen: Callable[[str, OwnSettings], bool] | None = None

    def __post_init__(self):
        if not re.fullmatch(_WORD, self.name):
            raise SettingsError(
                value=f"The back end's name is '{self.name}'",
                rule="names of settings begin with it",
                remedy="use lower-case letters, digits and single underscores, as in `my_server`",
            )

    def chooses(self, settings: Settings) -> bool:
        """Whether these settings ask for this back end."""
        vlm = settings.vlm or ""
        if self.is_chosen is not None:
            return self.is_chosen(vlm, self.read_settings(settings))
        return vlm == self.name or vlm.startswith(f"{self.name}:")

    def resource(self, settings: Settings, model: str, gpu: GpuResource, clip: ClipResource) -> VlmResource:
        """The resource for these settings, of which `model` is FASHION_VLM or the folder that it stands for."""
        named = model if self.is_chosen is not None else model.removeprefix(self.name).removeprefix(":")
        return self.make_resource(
            BackendInputs(named, self.read_settings(settings), gpu, clip, settings.price_per_hour)
        )

    def read_settings(self, settings: Settings) -> OwnSettings:
        """The back end's settings; raises SettingsError with one sentence per value that cannot work."""
        given = {
            str(info.validation_alias or field): settings.given[setting]
            for (setting, info), field in zip(self.setting_fields().items(), self.settings.model_fields, strict=True)
            if setting in settings.given
        }
        return read_settings(self.settings, self._prefix, given)

    def setting_fields(self) -> dict[str, FieldInfo]:
        """The back end's settings by their names in the environment, in the order of the fields."""
        return {
            str(info.validation_alias or self._prefix + field.upper()): info
            for field, info in self.settings.model_fields.items()
        }

    def values_for_cluster(self, settings: Settings) -> dict[str, object]:
        """The back end's settings as `load_settings` takes them, without secrets."""
        own = self.read_settings(settings)
        values = {
            setting.removeprefix("FASHION_").lower(): getattr(own, field)
            for setting, field in zip(self.setting_fields(), self.settings.model_fields, strict=True)
        }
        return {name: value for name, value in values.items() if not isinstance(value, SecretStr)}

    @property
    def _prefix(self) -> str:
        return f"FASHION_{self.name.upper()}_"
