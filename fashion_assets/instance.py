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


def ensure_dagster_home(home: Path) -> Path:
    """`home` with a `dagster.yaml`; an existing one is left as it is."""
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_CONFIGURATION)
    return home


def open_instance(home: Path) -> DagsterInstance:
    """The instance that `make ui` opens too; close it after use."""
    return DagsterInstance.from_config(str(ensure_dagster_home(home)))
