"""The local Dagster instance: its home below FASHION_HOME, with pools that keep models and index writers apart."""

from pathlib import Path

from dagster import DagsterInstance

_CONFIGURATION = """\
# Written once by fashion_assets; yours to edit.
concurrency:
  pools:
    default_limit: 1      # one GPU job and one index writer at a time
    granularity: op
  runs:
    max_concurrent_runs: 2
telemetry:
  enabled: false
"""


_WORKSPACE = """\
load_from:
  - python_module:
      module_name: fashion_assets.definitions
      location_name: fashion_assets
"""
"""The same code location as the checkout's workspace.yaml, which an installed wheel does not have."""


def ensure_dagster_home(home: Path) -> Path:
    """`home` with a `dagster.yaml` and a `workspace.yaml`; existing ones are left as they are."""
    home.mkdir(parents=True, exist_ok=True)
    for name, content in (("dagster.yaml", _CONFIGURATION), ("workspace.yaml", _WORKSPACE)):
        if not (home / name).exists():
            (home / name).write_text(content)
    return home


def open_instance(home: Path) -> DagsterInstance:
    """The instance that `make ui` opens too; close it after use."""
    return DagsterInstance.from_config(str(ensure_dagster_home(home)))
