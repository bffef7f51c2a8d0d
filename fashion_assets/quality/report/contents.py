"""The contents of a report; `gather.py` collects them, `page.py` and `charts.py` render them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from fashion_assets.gates.gate import Gate, Judgement
from fashion_assets.gates.regressions import Acceptance
from fashion_assets.quality.labels.accuracy import Accuracy
from fashion_assets.quality.labels.calibration import Calibration, Threshold
from fashion_assets.quality.report.products import Disagreement, Failure, Product
from fashion_assets.quality.verdicts.overrides import Override

WANTED_PRECISION = 0.95
"""The share of right answers for which the report looks for a probability threshold."""

Status = Literal["passed", "stopped", "overridden", "not judged"]


@dataclass(frozen=True)
class BatchVerdict:
    """The verdict on one batch; `reasons` are the gates that failed, as sentences."""

    batch: str
    status: Status
    products: int
    failed_products: int
    reasons: tuple[str, ...] = ()
    override: Override | None = None
    acceptance: Acceptance | None = None

    @property
    def success_rate(self) -> float | None:
        """The share of products without failure; None without products."""
        return _success_rate(self.products, self.failed_products)


@dataclass(frozen=True)
class GateResult:
    """A gate and its judgement."""

    gate: Gate
    judgement: Judgement


@dataclass(frozen=True)
class Change:
    """A gate's figure compared with the batch's last accepted one; `worse_by` is a share, negative if better."""

    batch: str
    name: str
    before: float
    now: float
    worse_by: float
    is_drop: bool


@dataclass(frozen=True)
class ValueShare:
    """The share of one value now and in the last accepted run; None if there is none to compare with."""

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
    """The calibration of one attribute, and the threshold from which WANTED_PRECISION is reached, if any."""

    attribute: str
    calibration: Calibration
    threshold: Threshold | None


@dataclass(frozen=True)
class QualityReport:
    """All contents of one report. `subject` is a batch, or "catalog" for all of them."""

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
    def success_rate(self) -> float | None:
        """The share of products without failure; None without products."""
        return _success_rate(self.products, self.failed_products)

    @property
    def shown_products(self) -> Iterator[Product]:
        """Each product that is shown with its photo; some occur more than once."""
        yield from self.samples
        for group in (*self.failures, *self.disagreements):
            yield from group.products

    @property
    def named_products(self) -> Iterator[int]:
        """The key of each product that is named; some occur more than once."""
        yield from (product.product_id for product in self.shown_products)
        for disagreement in self.disagreements:
            yield from disagreement.more_ids
        for result in self.gates:
            yield from result.judgement.sample_ids


def _success_rate(products: int, failed: int) -> float | None:
    return (products - failed) / products if products else None
