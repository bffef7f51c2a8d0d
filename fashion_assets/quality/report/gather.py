"""Collects the contents of a report from the tables, some batches at a time.

Counts add up from part to part, and only those products are kept that may be shown or have a label: a report on a large
catalog takes little more memory than one on a few batches.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import polars as pl

from fashion_assets.extraction.tables import attributes_table
from fashion_assets.gates.gate import Gate, Judgement
from fashion_assets.gates.regressions import drops
from fashion_assets.quality.labels.accuracy import accuracies, judged_answers
from fashion_assets.quality.labels.calibration import calibration_of, threshold_for
from fashion_assets.quality.labels.stated_values import NOTHING
from fashion_assets.quality.report.contents import (
    WANTED_PRECISION,
    BatchVerdict,
    CalibratedAttribute,
    Change,
    Distribution,
    GateResult,
    QualityReport,
    Status,
    ValueShare,
)
from fashion_assets.quality.report.products import Disagreements, Failures, Samples
from fashion_assets.quality.report.records import BatchRecord
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import NO_SHARES, distributions, pooled
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.table import BATCH

_WORST_FIRST = ("failed", "warned", "passed")
_NO_LABELS = pl.DataFrame(schema={"product_id": pl.Int64})


@dataclass(frozen=True)
class Part:
    """Some whole batches: their records, and their rows of `product_extracted_attributes` and `consistency_checks`."""

    records: Sequence[BatchRecord]
    attributes: pl.DataFrame
    broken: pl.DataFrame


def gather(
    subject: str,
    parts: Iterable[Part],
    now: datetime,
    run_id: str | None = None,
    labels: pl.DataFrame | None = None,
    cost: Mapping[str, object] | None = None,
    profile: ShopProfile = SHIPPED,
) -> QualityReport:
    """The report on the batches of all parts; how they are split into parts makes no difference.

    `labels` has the format of `read_labels`, `cost` that of `cost_figures`. A report on several batches only has those
    changes that are drops, and compares distributions only if every batch was accepted before.
    """
    no_rows = pl.DataFrame(schema=attributes_table(profile.taxonomy).row_schema)
    no_batch = Part((), no_rows, pl.DataFrame(schema=CONSISTENCY_CHECKS.row_schema))
    collector = _Collector(labels, profile, no_rows)
    for _ in map(
        collector.add, chain([no_batch], parts)
    ):  # a loop variable would keep each part while the next is read
        pass
    return collector.report(subject, now, run_id, cost or {})


class _Collector:
    """What the parts so far add up to."""

    def __init__(self, labels: pl.DataFrame | None, profile: ShopProfile, no_rows: pl.DataFrame):
        self._profile, self._gates = profile, extraction_gates(profile)
        self._labels = _NO_LABELS if labels is None else labels
        self._labelled: list[pl.DataFrame] = []
        self._tallies = [gate.count(no_rows) for gate in self._gates]
        self._verdicts: list[BatchVerdict] = []
        self._changes: list[Change] = []
        self._has_accepted, self._is_comparable = False, True
        self._shares, self._accepted_shares = NO_SHARES, NO_SHARES
        self._models: set[str] = set()
        self._prompts: set[str] = set()
        self._breaking_rules = 0
        self._samples, self._failures = Samples(taxonomy=profile.taxonomy), Failures(profile.taxonomy)
        self._disagreements = Disagreements(profile)
        self._measured = ["product_id", *_values_and_probabilities(profile.taxonomy)]

    def add(self, part: Part) -> None:
        for record in part.records:
            self._add_batch(record, part.attributes.filter(pl.col(BATCH) == record.batch))
        accepted = [record.accepted_shares for record in part.records]
        self._is_comparable &= all(len(shares) for shares in accepted)
        self._accepted_shares = pooled([self._accepted_shares, *accepted])
        self._shares = pooled([self._shares, distributions(part.attributes, self._profile.taxonomy)])
        self._models.update(part.attributes["model_id"].drop_nulls().unique())
        self._prompts.update(part.attributes["prompt_version"].drop_nulls().unique())
        self._breaking_rules += part.broken["product_id"].n_unique()
        self._samples.add(part.attributes)
        self._failures.add(part.attributes)
        self._disagreements.add(part.attributes, part.broken)
        measured = part.attributes.select(self._measured)
        self._labelled.append(measured.join(self._labels, on="product_id", how="semi"))

    def _add_batch(self, record: BatchRecord, attributes: pl.DataFrame) -> None:
        tallies = [gate.count(attributes) for gate in self._gates]
        self._tallies = [total + of_batch for total, of_batch in zip(self._tallies, tallies, strict=True)]
        judgements = [gate.decide(tally) for gate, tally in zip(self._gates, tallies, strict=True)]
        self._changes += _changes(self._gates, record, judgements)
        self._verdicts.append(_verdict(record, attributes))
        self._has_accepted |= bool(record.accepted)

    def report(self, subject: str, now: datetime, run_id: str | None, cost: Mapping[str, object]) -> QualityReport:
        judged = [GateResult(gate, gate.decide(tally)) for gate, tally in zip(self._gates, self._tallies, strict=True)]
        taxonomy, accepted_shares = self._profile.taxonomy, self._accepted_shares if self._is_comparable else None
        is_of_one = len(self._verdicts) == 1
        changes = [change for change in self._changes if change.is_drop or is_of_one]
        labelled = pl.concat(self._labelled).sort("product_id")
        return QualityReport(
            subject=subject,
            written_at=now,
            run_id=run_id,
            products=sum(verdict.products for verdict in self._verdicts),
            failed_products=sum(verdict.failed_products for verdict in self._verdicts),
            products_breaking_rules=self._breaking_rules,
            models=tuple(sorted(self._models)),
            prompts=tuple(sorted(self._prompts)),
            verdicts=tuple(self._verdicts),
            gates=tuple(sorted(judged, key=lambda result: _WORST_FIRST.index(result.judgement.outcome))),
            has_accepted=self._has_accepted,
            changes=tuple(sorted(changes, key=lambda change: -change.worse_by)),
            distributions=tuple(_distributions(taxonomy, self._shares, accepted_shares)),
            accuracies=tuple(accuracies(labelled, self._labels, self._profile)),
            calibrations=tuple(_calibrations(taxonomy, labelled, self._labels)),
            samples=self._samples.products(),
            failures=self._failures.by_code(),
            disagreements=self._disagreements.by_rule(),
            cost=cost,
        )


def _verdict(record: BatchRecord, attributes: pl.DataFrame) -> BatchVerdict:
    verdict = record.verdict
    status: Status = "not judged"
    if verdict is not None:
        status = "passed" if verdict.passed else "overridden" if verdict.override else "stopped"
    return BatchVerdict(
        record.batch,
        status,
        len(attributes),
        int((~attributes["extraction_success"]).sum()),
        verdict.reasons if verdict else (),
        verdict.override if verdict else None,
        record.acceptance,
    )


def _changes(gates: Sequence[Gate], record: BatchRecord, judgements: Sequence[Judgement]) -> Iterator[Change]:
    dropped = {drop.name for drop in drops(gates, judgements, dict(record.accepted))}
    for gate, judgement in zip(gates, judgements, strict=True):
        before, now = record.accepted.get(gate.name), judgement.value
        if before is not None and now is not None:
            worse_by = before - now if gate.direction == "at_least" else now - before
            yield Change(record.batch, gate.name, before, now, round(worse_by, 9), gate.name in dropped)


def _values_and_probabilities(taxonomy: Taxonomy) -> Iterator[str]:
    for attribute in taxonomy.visible:
        yield from (attribute.column, f"{attribute.column}_probability")


def _distributions(taxonomy: Taxonomy, now: pl.DataFrame, before: pl.DataFrame | None) -> Iterator[Distribution]:
    for attribute in taxonomy:
        column = attribute.column
        shares, accepted = _shares_of(column, now), None if before is None else _shares_of(column, before)
        values = [*attribute.vocabulary.values(), *([NOTHING] if attribute.is_list else [])]
        yield Distribution(
            column,
            attribute.is_list,
            now.filter(attribute=column).select(pl.max("applicable")).item() or 0,
            tuple(
                ValueShare(value, shares.get(value, 0.0), None if accepted is None else accepted.get(value, 0.0))
                for value in values
            ),
        )


def _shares_of(column: str, shares: pl.DataFrame) -> dict[str, float]:
    return dict(shares.filter(attribute=column).select("value", "share").iter_rows())


def _calibrations(taxonomy: Taxonomy, attributes: pl.DataFrame, labels: pl.DataFrame) -> Iterator[CalibratedAttribute]:
    for attribute in taxonomy.single_valued:
        if attribute.column in labels.columns:
            judged = judged_answers(attributes, labels, attribute.column)
            if judged:
                calibration = calibration_of(judged, taxonomy["confidence"])
                yield CalibratedAttribute(attribute.column, calibration, threshold_for(judged, WANTED_PRECISION))
