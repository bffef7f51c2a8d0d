"""The settings for clusters, from those of this machine: without secrets, and without folders that only it has."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fashion_assets.compute.secret_variables import is_secret_name, is_secret_value
from fashion_assets.errors import SettingsError
from fashion_assets.settings import DEMO, Settings

_SETTINGS = (
    "profile",
    "databricks_catalog",
    "databricks_schema",
    "tables",
    "vlm",
    "clip",
    "device",
    "dtype",
    "memory_share",
    "micro_batch",
    "price_per_hour",
    "hybrid_image_weight",
)
"""The settings that determine how a batch is computed."""


def settings_of_cluster(settings: Settings, of_back_end: Mapping[str, object] = MappingProxyType({})) -> dict[str, str]:
    """The settings by field, as texts; FASHION_DATABRICKS_FOLDERS gives the paths of photos and models on clusters.

    `of_back_end` are the settings of the chosen back end, by their names in lower case without FASHION_.
    Raises SettingsError for tables, photos or models that are on this machine only, for secrets, and without a catalog.
    """
    settings.require_source()
    _require_shareable(settings)
    values: dict[str, Any] = {name: getattr(settings, name) for name in _SETTINGS} | dict(of_back_end)
    folders = settings.databricks_folders
    values["photos"] = _on_cluster("FASHION_PHOTOS", settings.photos_root, folders)
    for name in ("vlm", "clip"):
        if values[name] != DEMO and Path(values[name]).is_dir():
            values[name] = _on_cluster(f"FASHION_{name.upper()}", Path(values[name]), folders)
    if settings.device == "auto":
        values["device"] = "cuda"  # without a GPU, hours on the CPU of an expensive machine must not follow
    return {name: str(value) for name, value in values.items() if value is not None}


def _require_shareable(settings: Settings) -> None:
    for name, value in settings.databricks_environment.items():
        if (is_secret_name(name) or is_secret_value(value)) and not value.startswith("{{secrets/"):
            raise SettingsError(
                value=f"FASHION_DATABRICKS_ENVIRONMENT gives the value of {name}",
                rule="the workspace would show it",
                remedy="put it into a secret scope, and set {{secrets/SCOPE/KEY}} instead",
            )
    if "://" not in (settings.tables or ""):
        raise SettingsError(
            value=f"FASHION_TABLES is {settings.tables!r}",
            rule="clusters and this machine can share tables only in an object store",
            remedy="set a URI such as s3://bucket/fashion",
        )


def _on_cluster(setting: str, folder: Path, folders: Mapping[str, str]) -> str:
    folder = folder.absolute()
    for here, there in folders.items():
        if folder.is_relative_to(here):
            return str(Path(there) / folder.relative_to(here))
    if folder.is_relative_to("/Volumes"):
        return str(folder)
    raise SettingsError(
        value=f"{setting} is the folder '{folder}'",
        rule="clusters must be able to read it",
        remedy=(
            "copy it into a Unity Catalog volume and map it in FASHION_DATABRICKS_FOLDERS, as "
            f'{{"{folder}": "/Volumes/shop/fashion/files"}}'
        ),
    )
