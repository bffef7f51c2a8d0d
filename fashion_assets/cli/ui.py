"""`fashion ui`: the Dagster UI and its daemon over the same instance that the command line uses."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.ports import free_port
from fashion_assets.cli.run import ensure_catalog
from fashion_assets.orchestration.dagster_home import ensure_dagster_home
from fashion_assets.settings import Settings, load_settings

FIRST_PORT = 3000


def ui(
    port: Annotated[int | None, typer.Option(help="Port of the page; by default the first free one from 3000.")] = None,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
) -> None:
    """Open the Dagster UI, with partitions registered and the daemon running.

    Example: `fashion ui --port 3333`
    """
    settings = load_settings()
    with progress_shown():
        ensure_catalog(settings)
        with Pipeline(settings) as pipeline:
            if not pipeline.register_batches():
                output.print("First look: reading the catalog, so that its batches are there as partitions.")
                pipeline.ingest()
    chosen = free_port(host, port, FIRST_PORT)
    output.print(f"The UI comes up at [bold]http://{host}:{chosen}[/] (stop it with Ctrl-C).")
    output.print(
        "The sensors that judge the catalog, refresh the index and send alerts are on. Switch on "
        "[bold]source_changes[/] and [bold]changed_batches[/] under Automation to have what changes run by itself, "
        "or run it with `fashion run`."
    )
    dagster_home = ensure_dagster_home(settings.dagster_home)
    environment = {**os.environ, "DAGSTER_HOME": str(dagster_home), "DAGSTER_DISABLE_TELEMETRY": "1"}
    _serve(dagster_home, environment | address_for_alerts(settings, host, chosen), host, chosen)


def address_for_alerts(settings: Settings, host: str, port: int) -> dict[str, str]:
    """Where the links in alerts lead, as environment: to this UI, unless the settings name another address."""
    return {} if "ui_url" in settings.model_fields_set else {"FASHION_UI_URL": f"http://{host}:{port}"}


def _serve(dagster_home: Path, environment: dict[str, str], host: str, port: int) -> None:
    """Replace this process by `dagster dev`, so that Ctrl-C reaches it directly."""
    workspace = str(dagster_home / "workspace.yaml")
    command = [sys.executable, "-m", "dagster", "dev", "-w", workspace, "-h", host, "-p", str(port)]
    os.execvpe(command[0], command, environment)
