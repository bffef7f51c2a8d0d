"""What a person decides about a batch that its gates stopped, or whose figures dropped; put on record with a reason."""

from datetime import UTC, datetime

from fashion_assets.errors import BatchUnjudged
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.history import latest_judgements
from fashion_assets.gates.regressions import accept_figures
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import accept_distributions, distributions
from fashion_assets.quality.verdicts.overrides import require_who_and_why
from fashion_assets.quality.verdicts.verdict import Verdict, override_verdict
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore


def override_batch(store: TableStore, batch: str, by: str, reason: str) -> Verdict:
    """Let the batch's rows as they are now go on although gates failed; returns the verdict that is overridden.

    Raises BatchRefused when there is no failed verdict on these rows, or no person or reason.
    """
    return override_verdict(store, batch, by, reason, datetime.now(UTC))


def accept_batch(store: TableStore, batch: str, by: str, reason: str) -> int:
    """Measure the batch's next run against its figures as they are now; returns how many of them changed.

    Raises BatchRefused when the batch was never judged, or no person or reason is named.
    """
    require_who_and_why(batch, by, reason)
    names = [gate.name for gate in extraction_gates(SHIPPED)]
    figures = dict(latest_judgements(store, batch).select("name", "value").iter_rows())
    if not figures:
        raise BatchUnjudged(
            value=f"Batch {batch} has not been judged yet",
            rule="only figures of a judged batch can be accepted",
            remedy=f"judge it with `fashion run --batch {batch}`",
        )
    of_gates = {name: value for name, value in figures.items() if name in names}
    now = datetime.now(UTC)
    changed = accept_figures(store, batch, of_gates, now, by.strip(), reason.strip())
    accept_distributions(store, batch, distributions(store.read(EXTRACTED_ATTRIBUTES, batch)), now)
    return len(changed)
