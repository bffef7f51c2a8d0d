"""What a back end declares: its name, settings, failure codes, and how to make its resource.

Everything else is derived: the registry selects it, `fashion retry` accepts its settings, reports explain its codes,
and plans use its resource (`VlmResource.requests_at_once`).
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
from fashion_assets.shop.profile import SHIPPED, ShopProfile

_WORD = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"

OwnSettings = TypeVar("OwnSettings", bound=SettingsGroup)


class NoSettings(SettingsGroup):
    """For a back end without settings."""


@dataclass(frozen=True)
class FailureCode:
    """A code for `Answer.failure` and its meaning, in a sentence for people.

    A code is only for temporary failures, such as a timeout: the next run or `fashion retry` infers the photo again.
    Raises SettingsError for a code that is not a lower-case word or has no meaning.
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
                rule="reports explain every code",
                remedy="add a sentence",
            )


@dataclass(frozen=True)
class BackendInputs(Generic[OwnSettings]):
    """The inputs for a back end's resource.

    `model` is FASHION_VLM without the back end's name (empty if there is only the name), or a folder for the shipped
    model; `price_per_hour` is in any currency; `shop` has the taxonomy.
    """

    model: str
    settings: OwnSettings
    gpu: GpuResource
    clip: ClipResource
    price_per_hour: float | None
    shop: ShopProfile


@dataclass(frozen=True)
class Backend(Generic[OwnSettings]):
    """A back end.

    FASHION_VLM selects it as `name` or `name:model`, unless `is_chosen` decides otherwise from FASHION_VLM and the back
    end's settings; then all of FASHION_VLM is the model. Each field of `settings` is read from FASHION_NAME_FIELD, or
    from its `validation_alias`. `runs_on_clusters` tells whether batches may be computed on Databricks clusters, which
    only have this package. Raises SettingsError for a name that is not a lower-case word.
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
                rule="the names of its settings begin with it",
                remedy="use lower-case letters, digits and single underscores, as in `my_server`",
            )

    def chooses(self, settings: Settings) -> bool:
        """Whether these settings ask for this back end."""
        vlm = settings.vlm or ""
        if self.is_chosen is not None:
            return self.is_chosen(vlm, self.read_settings(settings))
        return vlm == self.name or vlm.startswith(f"{self.name}:")

    def resource(
        self, settings: Settings, model: str, gpu: GpuResource, clip: ClipResource, shop: ShopProfile = SHIPPED
    ) -> VlmResource:
        """The resource for these settings; `model` is FASHION_VLM, or the folder of the shipped model."""
        named = model if self.is_chosen is not None else model.removeprefix(self.name).removeprefix(":")
        return self.make_resource(
            BackendInputs(named, self.read_settings(settings), gpu, clip, settings.price_per_hour, shop)
        )

    def read_settings(self, settings: Settings) -> OwnSettings:
        """The back end's settings; raises SettingsError with one sentence per invalid value."""
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
        read = self.read_settings(settings)
        values = {
            setting.removeprefix("FASHION_").lower(): getattr(read, field)
            for setting, field in zip(self.setting_fields(), self.settings.model_fields, strict=True)
        }
        return {name: value for name, value in values.items() if not isinstance(value, SecretStr)}

    @property
    def _prefix(self) -> str:
        return f"FASHION_{self.name.upper()}_"
