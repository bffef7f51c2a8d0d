"""Gathering what a report tells from the tables' rows, of which only some batches are there at a time.

What is counted adds up from part to part, and of the products only those are kept that may be shown or have a label: a
report on a large catalog takes little more memory than one on a few batches.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import polars as pl

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.gate import Judgement
from fashion_assets.gates.regressions import drops
from fashion_assets.quality.labels.accuracy import accuracies, judged_answers
from fashion_assets.quality.labels.answer_files import LABELLED
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
from fashion_assets.quality.rules.declarations import EXTRACTION_GATES
from fashion_assets.quality.rules.distributions import NO_SHARES, distributions, pooled
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.shop.taxonomy import FIELDS
from fashion_assets.storage.table import BATCH

_WORST_FIRST = ("failed", "warned", "passed")
_NO_ROWS = pl.DataFrame(schema=EXTRACTED_ATTRIBUTES.row_schema)
_NO_LABELS = pl.DataFrame(schema={"product_id": pl.Int64})
_MEASURED = ["product_id", *(name for field in LABELLED for name in (field.column, f"{field.column}_probability"))]


@dataclass(frozen=True)
class Part:
    """Some whole batches: their records, and their rows of `product_extracted_attributes` and `consistency_checks`."""

    records: Sequence[BatchRecord]
    attributes: pl.DataFrame
    broken: pl.DataFrame


_NO_BATCH = Part((), _NO_ROWS, pl.DataFrame(schema=CONSISTENCY_CHECKS.row_schema))


def gather(
    subject: str,
    parts: Iterable[Part],
    now: datetime,
    run_id: str | None = None,
    labels: pl.DataFrame | None = None,
    cost: Mapping[str, object] | None = None,
) -> QualityReport:
    """The report on the parts' batches; how they are parted makes no difference.

    `labels` as `read_labels` returns them; `cost` as `cost_figures` gives it. Of several batches, only changes that are
    drops are told, and distributions are compared only if every batch was accepted before.
    """
    told = _Collector(labels)
    for _ in map(told.add, chain([_NO_BATCH], parts)):  # a loop's variable would hold each part while the next is read
        pass
    return told.report(subject, now, run_id, cost or {})


class _Collector:
    """What the parts so far tell."""

    def __init__(self, labels: pl.DataFrame | None):
        self._labels = _NO_LABELS if labels is None else labels
        self._labelled: list[pl.DataFrame] = []
        self._tallies = [gate.count(_NO_ROWS) for gate in EXTRACTION_GATES]
        self._verdicts: list[BatchVerdict] = []
        self._changes: list[Change] = []
        self._has_accepted, self._is_comparable = False, True
        self._shares, self._accepted_shares = NO_SHARES, NO_SHARES
        self._models: set[str] = set()
        self._prompts: set[str] = set()
        self._breaking_rules = 0
        self._samples, self._failures, self._disagreements = Samples(), Failures(), Disagreements()

    def add(self, part: Part) -> None:
        for record in part.records:
            self._add_batch(record, part.attributes.filter(pl.col(BATCH) == record.batch))
        accepted = [record.accepted_shares for record in part.records]
        self._is_comparable &= all(len(shares) for shares in accepted)
        self._accepted_shares = pooled([self._accepted_shares, *accepted])
        self._shares = pooled([self._shares, distributions(part.attributes)])
        self._models.update(part.attributes["model_id"].drop_nulls().unique())
        self._prompts.update(part.attributes["prompt_version"].drop_nulls().unique())
        self._breaking_rules += part.broken["product_id"].n_unique()
        self._samples.add(part.attributes)
        self._failures.add(part.attributes)
        self._disagreements.add(part.attributes, part.broken)
        measured = part.attributes.select(_MEASURED)
        self._labelled.append(measured.join(self._labels, on="product_id", how="semi"))

    def _add_batch(self, record: BatchRecord, attributes: pl.DataFrame) -> None:
        tallies = [gate.count(attributes) for gate in EXTRACTION_GATES]
        self._tallies = [known + own for known, own in zip(self._tallies, tallies, strict=True)]
        judgements = [gate.decide(own) for gate, own in zip(EXTRACTION_GATES, tallies, strict=True)]
        self._changes += _changes(record, judgements)
        self._verdicts.append(_verdict(record, attributes))
        self._has_accepted |= bool(record.accepted)

    def report(self, subject: str, now: datetime, run_id: str | None, cost: Mapping[str, object]) -> QualityReport:
        judged = [
            GateResult(gate, gate.decide(tally)) for gate, tally in zip(EXTRACTION_GATES, self._tallies, strict=True)
        ]
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
            gates=tuple(sorted(judged, key=lambda one: _WORST_FIRST.index(one.judgement.outcome))),
            has_accepted=self._has_accepted,
            changes=tuple(sorted(changes, key=lambda one: -one.worse_by)),
            distributions=tuple(_distributions(self._shares, self._accepted_shares if self._is_comparable else None)),
            accuracies=tuple(accuracies(labelled, self._labels)),
            calibrations=tuple(_calibrations(labelled, self._labels)),
            samples=self._samples.products(),
            failures=self._failures.found(),
            disagreements=self._disagreements.found(),
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


def _changes(record: BatchRecord, judgements: Sequence[Judgement]) -> Iterator[Change]:
    dropped = {drop.name for drop in drops(EXTRACTION_GATES, judgements, dict(record.accepted))}
    for gate, judgement in zip(EXTRACTION_GATES, judgements, strict=True):
        before, now = record.accepted.get(gate.name), judgement.value
        if before is not None and now is not None:
            worse_by = before - now if gate.direction == "at_least" else now - before
            yield Change(record.batch, gate.name, before, now, round(worse_by, 9), gate.name in dropped)


def _distributions(now: pl.DataFrame, before: pl.DataFrame | None) -> Iterator[Distribution]:
    for one in FIELDS.values():
        shares = dict(now.filter(attribute=one.column).select("value", "share").iter_rows())
        known = {} if before is None else dict(before.filter(attribute=one.column).select("value", "share").iter_rows())
        values = [*one.vocabulary.values(), *([NOTHING] if one.is_list else [])]
        yield Distribution(
            one.column,
            one.is_list,
            now.filter(attribute=one.column).select(pl.max("applicable")).item() or 0,
            tuple(
                ValueShare(value, shares.get(value, 0.0), None if before is None else known.get(value, 0.0))
                for value in values
            ),
        )


def _calibrations(attributes: pl.DataFrame, labels: pl.DataFrame) -> Iterator[CalibratedAttribute]:
    for one in LABELLED:
        if not one.is_list and one.column in labels.columns:
            judged = judged_answers(attributes, labels, one.column)
            if judged:
                threshold = threshold_for(judged, WANTED_PRECISION)
                yield CalibratedAttribute(one.column, calibration_of(judged), threshold)
