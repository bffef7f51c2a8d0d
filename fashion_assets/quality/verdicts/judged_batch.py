"""One batch judged by every gate, and what is recorded about it; free of Dagster.

The order of the records matters if a run is killed between them: the verdict precedes the figures that it accepts.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, attributes_table
from fashion_assets.gates.gate import Judgement, judge_all
from fashion_assets.gates.history import record_judgements
from fashion_assets.gates.regressions import accept_figures, accepted_figures, drops, judge_regression
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import consistency_rules, extraction_gates
from fashion_assets.quality.rules.distributions import accept_distributions, distributions
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.overrides import Override, find_override
from fashion_assets.quality.verdicts.verdict import Verdict, judge_batch, record_verdict
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class JudgedBatch:
    """The `attributes` of a batch, judged by the gates of `profile`; `override` is a person's decision on these rows.

    `regression` compares with the last accepted run of the batch, and does not pass if a figure dropped.
    """

    profile: ShopProfile
    attributes: pl.DataFrame
    judgements: list[Judgement]
    regression: Judgement
    verdict: Verdict
    override: Override | None

    @property
    def batch(self) -> str:
        return self.verdict.batch

    @property
    def is_accepted(self) -> bool:
        """Whether the figures become the reference of the batch's next run."""
        return self.regression.passed and (self.verdict.passed or self.override is not None)


def judge_attributes(store: TableStore, batch: str, profile: ShopProfile) -> JudgedBatch:
    """Judge the batch's rows of `product_extracted_attributes`; writes nothing."""
    attributes = store.read(attributes_table(profile.taxonomy), batch)
    gates = extraction_gates(profile)
    judgements = judge_all(gates, attributes)
    accepted = accepted_figures(store, batch)
    verdict = judge_batch(batch, attributes, judgements, profile)
    return JudgedBatch(
        profile,
        attributes,
        judgements,
        judge_regression(drops(gates, judgements, accepted), accepted),
        verdict,
        find_override(store, batch, verdict.content_fingerprint),
    )


def record(store: TableStore, judged: JudgedBatch, now: datetime) -> None:
    """Record the broken rules, the judgements, the verdict and, if the batch is accepted, its figures."""
    record_broken_rules(store, judged)
    record_judgements(store, EXTRACTED_ATTRIBUTES.asset, [*judged.judgements, judged.regression], now, judged.batch)
    record_verdict(store, judged.verdict, now, judged.profile)
    if judged.is_accepted:
        accept_as_reference(store, judged, now)


def record_broken_rules(store: TableStore, judged: JudgedBatch) -> None:
    """Write the batch's rows of `consistency_checks`: that asset does not run for a stopped batch."""
    rows = broken_rules(judged.attributes, consistency_rules(judged.profile))
    store.merge(CONSISTENCY_CHECKS, rows, judged.batch)


def accept_as_reference(store: TableStore, judged: JudgedBatch, now: datetime) -> None:
    """Make the batch's figures and distributions the reference of its next run."""
    figures = {judgement.name: judgement.value for judgement in judged.judgements}
    accept_figures(store, judged.batch, figures, now)
    accept_distributions(store, judged.batch, distributions(judged.attributes, judged.profile.taxonomy), now)
