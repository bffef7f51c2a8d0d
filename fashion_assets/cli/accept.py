"""`fashion accept`: a person says that figures which dropped were meant to."""

from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output


def accept(
    batch: Annotated[str, typer.Argument(help="The batch whose figures dropped, as `batch_00003`.")],
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")],
    reason: Annotated[str, typer.Option(help="What was changed on purpose.")],
) -> None:
    """Make a batch's figures as they are now the measure of its next run, and put that on record.

    Without it, a figure that dropped by more than 5 points is reported again after each run. Error thresholds hold all
    the same.

    Example: `fashion accept batch_00003 --by NAME --reason "stricter prompt: unknown instead of a guess"`
    """
    changed = Shop.open().accept(batch, by, reason)
    output.print(f"{batch}: {changed} figures changed, and the next run is measured against them.", highlight=False)
