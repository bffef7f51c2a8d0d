"""`fashion override`: a person lets a batch go on that its gates stopped."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from fashion_assets.cli.console import output
from fashion_assets.quality.verdicts.verdict import override_verdict
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore


def override(
    batch: Annotated[str, typer.Argument(help="The stopped batch, as `batch_00003`.")],
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")],
    reason: Annotated[str, typer.Option(help="Why these rows are good enough.")],
) -> None:
    """Let a batch go on although its quality gates failed, and put that on record.

    It holds for the batch's rows as they are now: when answers, products or photos change, the gates decide again.

    Example: `fashion override batch_00003 --by NAME --reason "a shipment of plastic watches, checked by hand"`
    """
    verdict = override_verdict(TableStore(load_settings().tables_uri), batch, by, reason, datetime.now(UTC))
    output.print(f"{batch} may go on; its gates had stopped it: {' '.join(verdict.reasons)}", highlight=False)
    output.print(f"Next: `fashion run --batch {batch}` takes it to the search index.")
