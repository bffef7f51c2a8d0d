"""`fashion override`: a person lets a stopped batch continue."""

from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output


def override(
    batch: Annotated[str, typer.Argument(help="The stopped batch, as `batch_00003`.")],
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")],
    reason: Annotated[str, typer.Option(help="Why these rows are good enough.")],
) -> None:
    """Let a stopped batch continue although its quality gates failed, and put that on record.

    It holds for exactly the present rows: when answers, products or photos change, the gates decide again.

    Example: `fashion override batch_00003 --by NAME --reason "a shipment of plastic watches, checked by hand"`
    """
    verdict = Shop.open().override(batch, by, reason)
    output.print(f"{batch} may continue; its gates had stopped it: {' '.join(verdict.reasons)}", highlight=False)
    output.print(f"Next: `fashion run --batch {batch}` brings it to the search index.")
