"""The settings that a cluster computes with, from those of this machine: no secret, and no folder that only we have."""

from collections.abc import Mapping
from pathlib import Path

from fashion_assets.errors import SettingsError
from fashion_assets.settings import DEMO, Settings

_DECIDING = (
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
    "image_splitting",
    "prompt_order",
    "price_per_hour",
    "hybrid_image_weight",
)
"""What decides how a batch is computed."""


def settings_of_cluster(settings: Settings) -> dict[str, str]:
    """By field, as texts; photos and models are looked for where FASHION_DATABRICKS_FOLDERS says.

    Raises SettingsError for photos or models that are on this machine alone, and without a catalog.
    """
    settings.require_source()
    values = {name: getattr(settings, name) for name in _DECIDING}
    folders = settings.databricks_folders
    values["photos"] = _on_cluster("FASHION_PHOTOS", settings.photos_root, folders)
    for name in ("vlm", "clip"):
        if values[name] != DEMO and Path(values[name]).is_dir():
            values[name] = _on_cluster(f"FASHION_{name.upper()}", Path(values[name]), folders)
    if settings.device == "auto":
        values["device"] = "cuda"  # a GPU that is not found must not become hours on a dear machine's CPU
    return {name: str(value) for name, value in values.items() if value is not None}


def _on_cluster(setting: str, folder: Path, folders: Mapping[str, str]) -> str:
    folder = folder.absolute()
    for here, there in folders.items():
        if folder.is_relative_to(here):
            return str(Path(there) / folder.relative_to(here))
    if folder.is_relative_to("/Volumes"):
        return str(folder)
    raise SettingsError(
        value=f"{setting} is the folder '{folder}'",
        rule="it must be one that clusters can read",
        remedy=(
            "copy it into a Unity Catalog volume and say where in FASHION_DATABRICKS_FOLDERS, as "
            f'{{"{folder}": "/Volumes/shop/fashion/files"}}'
        ),
    )
