"""`fashion report`: rewriting the quality report of a batch or of the whole catalog."""

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output


def report(
    batch: Annotated[
        str | None, typer.Argument(help="The batch, as `batch_00003`. Default: the whole catalog.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--output", help="The file to write. Default: its place below FASHION_HOME.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV file of hand labels. Default for the demo catalog: its own truth.")
    ] = None,
) -> None:
    """Write the quality report as one HTML file: verdict, gates, regressions, distributions, samples, failures, cost.

    Each run writes the report of its batch; this rewrites it with the decisions made since, and prints its path.

    Examples: `fashion report`, `fashion report batch_00003 --labels labels.csv --output report.html`
    """
    output.print(str(Shop.open().report(batch, to, labels)), highlight=False, markup=False, soft_wrap=True)
