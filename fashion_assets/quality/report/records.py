"""The records of a batch besides its rows: its verdict, and the figures that it is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from fashion_assets.gates.history import latest_judgements
from fashion_assets.gates.regressions import Acceptance, accepted_figures, find_acceptance
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import NO_SHARES, accepted_distributions
from fashion_assets.quality.verdicts.verdict import Verdict, attributes_fingerprint, find_verdict
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.storage.reader import RowReader


@dataclass(frozen=True)
class BatchRecord:
    """The records of a batch.

    `verdict` is None if its current rows have not been judged by the current rules. `accepted` (by gate) and
    `accepted_shares` (in the format of `distributions`) are those of the last accepted run before the current one;
    `acceptance` is a person's decision that figures that dropped since were meant to.
    """

    batch: str
    verdict: Verdict | None = None
    accepted: Mapping[str, float] = field(default_factory=dict)
    accepted_shares: pl.DataFrame = field(default_factory=NO_SHARES.clone)
    acceptance: Acceptance | None = None


def find_record(store: RowReader, batch: str, attributes: pl.DataFrame, profile: ShopProfile = SHIPPED) -> BatchRecord:
    """The record of a batch whose rows of `product_extracted_attributes` are these.

    The current figures count from the last change of one of them: a report that is rewritten after they were accepted
    still compares them with the previous ones.
    """
    verdict = find_verdict(store, batch, attributes_fingerprint(attributes, profile), profile)
    names = [gate.name for gate in extraction_gates(profile)]
    since = latest_judgements(store, batch).filter(pl.col("name").is_in(names)).select(pl.max("evaluated_at")).item()
    if since is None:
        return BatchRecord(batch, verdict)
    return BatchRecord(
        batch,
        verdict,
        accepted_figures(store, batch, since),
        accepted_distributions(store, batch, since),
        find_acceptance(store, batch, since),
    )
