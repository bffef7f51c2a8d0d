"""`fashion report`: the quality report of a batch or of the whole catalog, written anew."""

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output


def report(
    batch: Annotated[
        str | None, typer.Argument(help="The batch, as `batch_00003`; without one, the whole catalog.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--output", help="The file to write. Default: its place below FASHION_HOME.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV file of hand labels; for the demo catalog its own truth by default.")
    ] = None,
) -> None:
    """Write the quality report as one HTML file: verdict, gates, regressions, distributions, samples, failures, cost.

    Each run writes the report of its batch by itself; this writes it anew, with what was decided since, and prints
    where it is.

    Examples: `fashion report`, `fashion report batch_00003 --labels labels.csv --output report.html`
    """
    output.print(str(Shop.open().report(batch, to, labels)), highlight=False, markup=False, soft_wrap=True)
