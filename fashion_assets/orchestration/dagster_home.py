"""Dagster's home below FASHION_HOME: its two files, written once from `templates/`, and its instance.

`templates/workspace.yaml` names the same code location as the checkout's workspace.yaml, which is not in the wheel.
What can be wrong with the instance's database is in `instance_errors.py`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from dagster import DagsterInstance

from fashion_assets.errors import InstanceDamaged
from fashion_assets.orchestration.instance_errors import instance_errors, require_known_schema
from fashion_assets.storage.places import file_system_errors

TEMPLATES = files("fashion_assets.orchestration") / "templates"
_FILES = ("dagster.yaml", "workspace.yaml")

_LAUNCHER_OF_0_1 = "fashion_assets.run_launcher"
_LAUNCHER = "fashion_assets.orchestration.run_launcher"


@contextmanager
def using_instance(home: Path) -> Iterator[DagsterInstance]:
    """The instance for the block; raises InstanceUnusable when its database cannot be used, then or in the block."""
    with instance_errors(home), open_instance(home) as instance:
        yield instance


def open_instance(home: Path) -> DagsterInstance:
    """The instance that `make ui` opens as well; close it after use.

    Raises InstanceUnusable when its database or its configuration cannot be used, InstanceDamaged when one of its files
    is damaged, and StorageError for a folder that cannot be written.
    """
    with file_system_errors(str(home)), instance_errors(home):
        ensure_dagster_home(home)
        require_known_schema(home)
        return DagsterInstance.from_config(str(home))


def ensure_dagster_home(home: Path) -> Path:
    """`home` with a `dagster.yaml` and a `workspace.yaml`; existing files are kept, but for the launcher's module.

    Raises InstanceDamaged when one of them has lost its content, and StorageError when the folder cannot be written.
    """
    with file_system_errors(str(home)):
        home.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            if not (home / name).exists():
                _write(home / name, (TEMPLATES / name).read_text(encoding="utf-8"))
        for file in damaged_settings(home):
            raise InstanceDamaged(
                value=f"{str(file)!r} is cut short or overwritten",
                rule="Dagster reads its settings there",
                remedy="restore it from a backup, or run `fashion doctor --repair`, which sets it aside: the next "
                "command writes a new one",
            )
        _update_launcher(home / "dagster.yaml")
    return home


def damaged_settings(home: Path) -> list[Path]:
    """The two files as far as they exist and have no content, zeros in it, or the template's without its end.

    Lines that a user took away are no damage, so only an end within a line is one.
    """
    return [file for file in (home / name for name in _FILES) if file.is_file() and _is_damaged(file)]


def _is_damaged(file: Path) -> bool:
    content, template = file.read_bytes(), (TEMPLATES / file.name).read_bytes()
    is_cut = template.startswith(content) and not content.endswith(b"\n")
    return not content.strip() or b"\0" in content or is_cut


def _update_launcher(configuration: Path) -> None:
    """Rename the launcher's module in homes made by version 0.1; all else in the file belongs to the user."""
    text = configuration.read_text(encoding="utf-8")
    if _LAUNCHER_OF_0_1 in text:
        _write(configuration, text.replace(_LAUNCHER_OF_0_1, _LAUNCHER))


def _write(file: Path, text: str) -> None:
    """At once: the part of a file that still fitted on a full disk would be kept for ever."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
