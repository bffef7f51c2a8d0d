"""Decisions of people about a batch that was stopped or whose figures got worse, recorded with name and reason."""

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
    """Let the present rows of a stopped batch continue; returns the verdict that is overridden.

    Raises BatchRefused when these rows have no failed verdict, or when no person or reason is named.
    """
    return override_verdict(store, batch, by, reason, datetime.now(UTC))


def accept_batch(store: TableStore, batch: str, by: str, reason: str) -> int:
    """Make the present figures of a batch the reference of its next run; returns how many of them changed.

    Raises BatchUnjudged when the batch was never judged, and BatchRefused when no person or reason is named.
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
