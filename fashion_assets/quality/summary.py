"""The whole catalog at a glance: what became of each batch at its gates."""

import polars as pl

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.verdicts import attributes_fingerprint, find_verdict
from fashion_assets.storage.read_once import ReadOnce
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

PASSED, STOPPED, OVERRIDDEN, UNJUDGED = "passed", "stopped", "let go on", "not judged"
_SCHEMA = {BATCH: pl.String, "outcome": pl.String, "products": pl.Int64, "success": pl.Float64, "why": pl.String}


def batch_outcomes(store: TableStore, attributes: pl.DataFrame) -> pl.DataFrame:
    """A row for each batch of `attributes` (all of `product_extracted_attributes`), the stopped ones first.

    Columns `batch`, `outcome` (PASSED, STOPPED, OVERRIDDEN or UNJUDGED), `products`, `success` (share), and `why` a
    batch was stopped or let go on.
    """
    verdicts = ReadOnce(store)
    rows = [
        (batch, *_outcome(verdicts, batch, own), len(own), own["extraction_success"].mean())
        for (batch,), own in attributes.group_by(BATCH, maintain_order=True)
    ]
    found = pl.DataFrame(rows, schema=[BATCH, "outcome", "why", "products", "success"], orient="row")
    order = pl.col("outcome").replace_strict({STOPPED: 0, UNJUDGED: 1, OVERRIDDEN: 2, PASSED: 3}, return_dtype=pl.Int8)
    return found.cast(_SCHEMA).select(list(_SCHEMA)).sort(order, BATCH) if rows else pl.DataFrame(schema=_SCHEMA)


def outcome_counts(outcomes: pl.DataFrame) -> dict[str, int]:
    """How many batches had each outcome, none left out."""
    counts = dict(outcomes["outcome"].value_counts().iter_rows())
    return {outcome: counts.get(outcome, 0) for outcome in (PASSED, STOPPED, OVERRIDDEN, UNJUDGED)}


def _outcome(store: TableStore, batch: str, attributes: pl.DataFrame) -> tuple[str, str | None]:
    own = attributes.select(EXTRACTED_ATTRIBUTES.row_schema.names())
    verdict = find_verdict(store, batch, attributes_fingerprint(own))
    if verdict is None:
        return UNJUDGED, None
    if verdict.passed:
        return PASSED, None
    if verdict.override is not None:
        return OVERRIDDEN, verdict.override.in_words()
    return STOPPED, " ".join(verdict.reasons)
