"""Dagster's home below FASHION_HOME: its two files, written once from `templates/`, and its instance.

`templates/workspace.yaml` names the same code location as the checkout's workspace.yaml, which is not in the wheel.
"""

from importlib.resources import files
from pathlib import Path

from dagster import DagsterInstance

TEMPLATES = files("fashion_assets.orchestration") / "templates"
_FILES = ("dagster.yaml", "workspace.yaml")

_LAUNCHER_OF_0_1 = "fashion_assets.run_launcher"
_LAUNCHER = "fashion_assets.orchestration.run_launcher"


def open_instance(home: Path) -> DagsterInstance:
    """The instance that `make ui` opens as well; close it after use."""
    return DagsterInstance.from_config(str(ensure_dagster_home(home)))


def ensure_dagster_home(home: Path) -> Path:
    """`home` with a `dagster.yaml` and a `workspace.yaml`; existing files are kept, but for the launcher's module."""
    home.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        if not (home / name).exists():
            (home / name).write_text((TEMPLATES / name).read_text())
    _update_launcher(home / "dagster.yaml")
    return home


def _update_launcher(configuration: Path) -> None:
    """Rename the launcher's module in homes made by version 0.1; all else in the file belongs to the user."""
    text = configuration.read_text()
    if _LAUNCHER_OF_0_1 in text:
        configuration.write_text(text.replace(_LAUNCHER_OF_0_1, _LAUNCHER))
