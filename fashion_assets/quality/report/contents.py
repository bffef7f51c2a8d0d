"""What a report tells, gathered from the tables' rows; how it looks is in `page.py` and `charts.py`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import polars as pl

from fashion_assets.extraction.taxonomy import FIELDS
from fashion_assets.gates import Gate, Judgement, judge_all
from fashion_assets.quality.accuracy import Accuracy, accuracies, judged_answers
from fashion_assets.quality.calibration import Calibration, Threshold, calibration_of, threshold_for
from fashion_assets.quality.csv_files import LABELLED
from fashion_assets.quality.distributions import distributions, pooled
from fashion_assets.quality.overrides import Override
from fashion_assets.quality.regressions import Acceptance, drops
from fashion_assets.quality.report.products import (
    Disagreement,
    Failure,
    Product,
    disagreements,
    failures,
    sampled,
)
from fashion_assets.quality.report.records import BatchRecord
from fashion_assets.quality.rules import EXTRACTION_GATES
from fashion_assets.quality.stated_values import NOTHING
from fashion_assets.storage.table import BATCH

WANTED_PRECISION = 0.95
"""For which share of right answers the report looks for a probability."""

_WORST_FIRST = ("failed", "warned", "passed")

Status = Literal["passed", "stopped", "overridden", "not judged"]


@dataclass(frozen=True)
class BatchVerdict:
    """The verdict on one batch; `reasons` are the gates that failed, in words."""

    batch: str
    status: Status
    products: int
    failed_products: int
    reasons: tuple[str, ...] = ()
    override: Override | None = None
    acceptance: Acceptance | None = None


@dataclass(frozen=True)
class GateResult:
    """A gate and how it judged."""

    gate: Gate
    judgement: Judgement


@dataclass(frozen=True)
class Change:
    """A gate's figure beside the last accepted one of the batch; `worse_by` is a share, below zero for better."""

    batch: str
    name: str
    before: float
    now: float
    worse_by: float
    is_drop: bool


@dataclass(frozen=True)
class ValueShare:
    """The share of one value now and in the last accepted run; None where there is nothing to compare with."""

    value: str
    share: float
    before: float | None


@dataclass(frozen=True)
class Distribution:
    """The values of one attribute among the `applicable` products, in taxonomy order; `is_list` shares may overlap."""

    attribute: str
    is_list: bool
    applicable: int
    shares: tuple[ValueShare, ...]


@dataclass(frozen=True)
class CalibratedAttribute:
    """The calibration of one attribute, and the probability from which on WANTED_PRECISION is right, if any."""

    attribute: str
    calibration: Calibration
    threshold: Threshold | None


@dataclass(frozen=True)
class QualityReport:
    """All that one report tells. `subject` is a batch, or "catalog" for all of them."""

    subject: str
    written_at: datetime
    run_id: str | None
    products: int
    failed_products: int
    products_breaking_rules: int
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    verdicts: tuple[BatchVerdict, ...]
    gates: tuple[GateResult, ...]
    has_accepted: bool
    changes: tuple[Change, ...]
    distributions: tuple[Distribution, ...]
    accuracies: tuple[Accuracy, ...]
    calibrations: tuple[CalibratedAttribute, ...]
    samples: tuple[Product, ...]
    failures: tuple[Failure, ...]
    disagreements: tuple[Disagreement, ...]
    cost: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_of_one_batch(self) -> bool:
        return len(self.verdicts) == 1

    @property
    def shown_products(self) -> Iterator[Product]:
        """Every product that is shown with its photo; some more than once."""
        yield from self.samples
        for group in (*self.failures, *self.disagreements):
            yield from group.products


def gather(
    subject: str,
    attributes: pl.DataFrame,
    broken: pl.DataFrame,
    records: Sequence[BatchRecord],
    now: datetime,
    run_id: str | None = None,
    labels: pl.DataFrame | None = None,
    cost: Mapping[str, object] | None = None,
) -> QualityReport:
    """The report on the `records`' batches.

    `attributes` and `broken` are their rows of `product_extracted_attributes` and `consistency_checks`; `labels` as
    `read_labels` returns them; `cost` as `cost_figures` gives it. Of several batches, only changes that are drops are
    told, and distributions are compared only if every batch was accepted before.
    """
    judged = [
        GateResult(gate, judgement)
        for gate, judgement in zip(EXTRACTION_GATES, judge_all(EXTRACTION_GATES, attributes), strict=True)
    ]
    own = {record.batch: attributes.filter(pl.col(BATCH) == record.batch) for record in records}
    changes = [change for record in records for change in _changes(record, own[record.batch])]
    shares = [record.accepted_shares for record in records]
    is_comparable = all(len(one) for one in shares)
    found = accuracies(attributes, labels) if labels is not None else []
    return QualityReport(
        subject=subject,
        written_at=now,
        run_id=run_id,
        products=len(attributes),
        failed_products=_failed(attributes),
        products_breaking_rules=broken["product_id"].n_unique(),
        models=tuple(attributes["model_id"].drop_nulls().unique().sort()),
        prompts=tuple(attributes["prompt_version"].drop_nulls().unique().sort()),
        verdicts=tuple(_verdict(record, own[record.batch]) for record in records),
        gates=tuple(sorted(judged, key=lambda one: _WORST_FIRST.index(one.judgement.outcome))),
        has_accepted=any(record.accepted for record in records),
        changes=tuple(
            sorted((one for one in changes if one.is_drop or len(records) == 1), key=lambda one: -one.worse_by)
        ),
        distributions=tuple(_distributions(attributes, pooled(shares) if is_comparable else None)),
        accuracies=tuple(found),
        calibrations=tuple(_calibrations(attributes, labels)) if any(one.labels for one in found) else (),
        samples=sampled(attributes),
        failures=failures(attributes),
        disagreements=disagreements(attributes, broken),
        cost=cost or {},
    )


def _failed(attributes: pl.DataFrame) -> int:
    return int((~attributes["extraction_success"]).sum())


def _verdict(record: BatchRecord, attributes: pl.DataFrame) -> BatchVerdict:
    verdict = record.verdict
    status: Status = "not judged"
    if verdict is not None:
        status = "passed" if verdict.passed else "overridden" if verdict.override else "stopped"
    return BatchVerdict(
        record.batch,
        status,
        len(attributes),
        _failed(attributes),
        verdict.reasons if verdict else (),
        verdict.override if verdict else None,
        record.acceptance,
    )


def _changes(record: BatchRecord, attributes: pl.DataFrame) -> Iterator[Change]:
    judgements = judge_all(EXTRACTION_GATES, attributes)
    dropped = {drop.name for drop in drops(EXTRACTION_GATES, judgements, dict(record.accepted))}
    for gate, judgement in zip(EXTRACTION_GATES, judgements, strict=True):
        before, now = record.accepted.get(gate.name), judgement.value
        if before is not None and now is not None:
            worse_by = before - now if gate.direction == "at_least" else now - before
            yield Change(record.batch, gate.name, before, now, round(worse_by, 9), gate.name in dropped)


def _distributions(attributes: pl.DataFrame, before: pl.DataFrame | None) -> Iterator[Distribution]:
    now = distributions(attributes)
    for one in FIELDS.values():
        shares = dict(now.filter(attribute=one.column).select("value", "share").iter_rows())
        known = {} if before is None else dict(before.filter(attribute=one.column).select("value", "share").iter_rows())
        values = [*one.vocabulary.values(), *([NOTHING] if one.is_list else [])]
        yield Distribution(
            one.column,
            one.is_list,
            now.filter(attribute=one.column)["applicable"].max() or 0,
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
