"""`fashion accept`: a person accepts figures that got worse."""

from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output


def accept(
    batch: Annotated[str, typer.Argument(help="The batch whose figures got worse, as `batch_00003`.")],
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")],
    reason: Annotated[str, typer.Option(help="What was changed on purpose.")],
) -> None:
    """Accept a batch's present figures as the reference of its next run, and put that on record.

    Without it, a figure that got worse by more than 5 points is reported after every run. Error thresholds still apply.

    Example: `fashion accept batch_00003 --by NAME --reason "stricter prompt: unknown instead of a guess"`
    """
    changed = Shop.open().accept(batch, by, reason)
    output.print(f"{batch}: {changed} figures changed; the next run is compared with them.", highlight=False)
