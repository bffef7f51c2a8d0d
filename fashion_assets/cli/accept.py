"""`fashion accept`: a person says that figures which dropped were meant to."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from fashion_assets.cli.console import output
from fashion_assets.errors import BatchUnjudged
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.history import latest_judgements
from fashion_assets.gates.regressions import accept_figures
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import accept_distributions, distributions
from fashion_assets.quality.verdicts.overrides import require_who_and_why
from fashion_assets.settings import load_settings
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore


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
    store = TableStore(load_settings().tables_uri)
    require_who_and_why(batch, by, reason)
    names = [gate.name for gate in extraction_gates(SHIPPED)]
    figures = dict(latest_judgements(store, batch).select("name", "value").iter_rows())
    if not figures:
        raise BatchUnjudged(
            value=f"Batch {batch} has not been judged yet",
            rule="only figures of a judged batch can be accepted",
            remedy=f"judge it with `fashion run --batch {batch}`",
        )
    own = {name: value for name, value in figures.items() if name in names}
    now = datetime.now(UTC)
    new = accept_figures(store, batch, own, now, by.strip(), reason.strip())
    accept_distributions(store, batch, distributions(store.read(EXTRACTED_ATTRIBUTES, batch)), now)
    output.print(f"{batch}: {len(new)} figures changed, and the next run is measured against them.", highlight=False)
