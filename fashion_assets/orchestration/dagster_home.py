"""Dagster's home below FASHION_HOME: its two files, written once from `templates/`, and the instance that lives there.

`templates/workspace.yaml` names the same code location as the checkout's workspace.yaml, which an installed wheel does
not have.
"""

from importlib.resources import files
from pathlib import Path

from dagster import DagsterInstance

TEMPLATES = files("fashion_assets.orchestration") / "templates"
_FILES = ("dagster.yaml", "workspace.yaml")

_LAUNCHER_OF_0_1 = "fashion_assets.run_launcher"
_LAUNCHER = "fashion_assets.orchestration.run_launcher"


def open_instance(home: Path) -> DagsterInstance:
    """The instance that `make ui` opens too; close it after use."""
    return DagsterInstance.from_config(str(ensure_dagster_home(home)))


def ensure_dagster_home(home: Path) -> Path:
    """`home` with a `dagster.yaml` and a `workspace.yaml`; existing ones stay as they are, but for a moved launcher."""
    home.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        if not (home / name).exists():
            (home / name).write_text((TEMPLATES / name).read_text())
    _follow_the_moved_launcher(home / "dagster.yaml")
    return home


def _follow_the_moved_launcher(configuration: Path) -> None:
    """Homes made by version 0.1 name the launcher's module as it was then; all else in the file is the user's."""
    text = configuration.read_text()
    if _LAUNCHER_OF_0_1 in text:
        configuration.write_text(text.replace(_LAUNCHER_OF_0_1, _LAUNCHER))
