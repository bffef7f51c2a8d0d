"""The whole catalog at a glance: the outcome of each batch at its gates."""

from collections.abc import Sequence

import polars as pl

from fashion_assets.quality.report.contents import BatchVerdict
from fashion_assets.storage.table import BATCH

PASSED, STOPPED, OVERRIDDEN, UNJUDGED = "passed", "stopped", "let go on", "not judged"
"""Keys of the metadata `batches_by_outcome`."""

_SCHEMA = {BATCH: pl.String, "outcome": pl.String, "products": pl.Int64, "success": pl.Float64, "why": pl.String}
_OUTCOMES = {"stopped": STOPPED, "not judged": UNJUDGED, "overridden": OVERRIDDEN, "passed": PASSED}
"""By status of a verdict, in the order in which they are listed."""


def batch_outcomes(verdicts: Sequence[BatchVerdict]) -> pl.DataFrame:
    """A row for each batch, the stopped ones first.

    Columns `batch`, `outcome` (PASSED, STOPPED, OVERRIDDEN or UNJUDGED), `products`, `success` (share), and `why` a
    batch was stopped or overridden.
    """
    rows = [
        (verdict.batch, _OUTCOMES[verdict.status], verdict.products, verdict.success_rate, _why(verdict))
        for verdict in sorted(verdicts, key=lambda verdict: (list(_OUTCOMES).index(verdict.status), verdict.batch))
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def outcome_counts(outcomes: pl.DataFrame) -> dict[str, int]:
    """How many batches had each outcome; 0 for an outcome that no batch had."""
    counts = dict(outcomes["outcome"].value_counts().iter_rows())
    return {outcome: counts.get(outcome, 0) for outcome in (PASSED, STOPPED, OVERRIDDEN, UNJUDGED)}


def _why(verdict: BatchVerdict) -> str | None:
    if verdict.override is not None:
        return verdict.override.in_words()
    return " ".join(verdict.reasons) or None
