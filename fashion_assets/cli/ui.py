"""`fashion ui`: the Dagster UI and its daemon over the same instance that the command line uses."""

import os
import sys
from typing import Annotated

import typer

from fashion_assets.app.ports import free_port
from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, progress_shown


def ui(
    port: Annotated[int | None, typer.Option(help="Port of the page. Default: the first free one from 3000.")] = None,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
) -> None:
    """Open the Dagster UI, with partitions registered and the daemon running.

    Example: `fashion ui --port 3333`
    """
    from fashion_assets.app.ui import FIRST_PORT, address_for_alerts, prepare_ui

    settings = Shop.open().settings
    with progress_shown():
        prepared = prepare_ui(settings)
    chosen = free_port(host, port, FIRST_PORT)
    output.print(f"The UI will be at [bold]http://{host}:{chosen}[/] (stop it with Ctrl-C).")
    output.print(
        "The sensors that judge the catalog, refresh the index and send alerts are on. Switch on "
        "[bold]source_changes[/] and [bold]changed_batches[/] under Automation to run changes automatically, "
        "or run them with `fashion run`."
    )
    environment = {**os.environ, "DAGSTER_HOME": str(prepared.dagster_home), "DAGSTER_DISABLE_TELEMETRY": "1"}
    _serve(str(prepared.workspace), environment | address_for_alerts(settings, host, chosen), host, chosen)


def _serve(workspace: str, environment: dict[str, str], host: str, port: int) -> None:
    """Replace this process with `dagster dev`, so that Ctrl-C reaches it directly."""
    command = [sys.executable, "-m", "dagster", "dev", "-w", workspace, "-h", host, "-p", str(port)]
    os.execvpe(command[0], command, environment)
