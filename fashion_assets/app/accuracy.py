"""The model's answers against hand labels: accuracy, calibration, and what is mistaken for what."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fashion_assets.app.labels import labels_at_hand, require_labels
from fashion_assets.errors import NotComputed, OptionError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.accuracy import Accuracy, accuracies, confusion, judged_answers
from fashion_assets.quality.labels.calibration import Calibration, Threshold, calibration_of, threshold_for
from fashion_assets.settings import Settings
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore

FEWEST_LABELS = 50
"""Of an attribute: with less, the intervals say little."""

_VALUE_COLUMNS = tuple(field.column for field in SHIPPED.taxonomy.single_valued)


@dataclass(frozen=True)
class AccuracyReport:
    """Scores with 95 % intervals by attribute, and for attributes of one value how far probabilities can be trusted.

    A threshold is the lowest probability from which on the share `precision` of answers is right, None if there is
    none. `confusions` (columns `label`, `answer`, `products`) are of one attribute, where one was named.
    """

    scores: tuple[Accuracy, ...]
    calibrations: Mapping[str, Calibration]
    thresholds: Mapping[str, Threshold | None]
    precision: float
    confusions: pl.DataFrame | None

    @property
    def fewest_labels(self) -> int:
        """How many labels the attribute with the fewest has."""
        return min(score.labels for score in self.scores)

    @property
    def has_few_labels(self) -> bool:
        """Whether the intervals of some attribute say little."""
        return self.fewest_labels < FEWEST_LABELS

    def as_dict(self) -> dict[str, object]:
        """What `fashion accuracy --json` prints."""
        return {
            "accuracy": self.scores,
            "calibration_error": {column: calibration.error for column, calibration in self.calibrations.items()},
            "thresholds": self.thresholds,
        }


def measure_accuracy(
    settings: Settings,
    store: TableStore,
    labels: Path | None = None,
    is_audit: bool = False,
    precision: float = 0.95,
    confusions: str | None = None,
) -> AccuracyReport:
    """The raw answers against the labels of a file, of the catalog, or of the random audit.

    `precision` (0.5..1) is the share of right answers for which a probability is looked for; `confusions` names an
    attribute. Raises SettingsError for an attribute that has no single value, for both kinds of labels at once, or for
    none, and FashionError when no labelled product was looked at.
    """
    if confusions is not None and confusions not in _VALUE_COLUMNS:
        raise OptionError(
            value=f"--confusions is '{confusions}'",
            rule="it must be an attribute with one value",
            remedy=f"use one of {', '.join(_VALUE_COLUMNS)}",
        )
    if labels is not None and is_audit:
        raise OptionError(
            value=f"'{labels}' and --audit are both given",
            rule="they exclude each other",
            remedy="give one of them",
        )
    labelled = labels_at_hand(settings, store, labels, is_audit)
    if labels is None:
        require_labels(labelled)
    attributes = store.read(EXTRACTED_ATTRIBUTES, among={"product_id": labelled["product_id"].to_list()})
    scores = tuple(accuracies(attributes, labelled))
    if not any(score.labels for score in scores):
        raise NotComputed(
            value="None of the labelled products has been looked at",
            rule="labels are compared with answers",
            remedy="compare their ids with `fashion status`, or run `fashion run` first",
        )
    columns = [column for column in _VALUE_COLUMNS if column in labelled.columns]
    judged = {column: judged_answers(attributes, labelled, column) for column in columns}
    return AccuracyReport(
        scores=scores,
        calibrations={column: calibration_of(answers) for column, answers in judged.items()},
        thresholds={column: threshold_for(answers, precision) for column, answers in judged.items()},
        precision=precision,
        confusions=_mistakes(attributes, labelled, confusions) if confusions else None,
    )


def _mistakes(attributes: pl.DataFrame, labelled: pl.DataFrame, column: str) -> pl.DataFrame:
    """The most frequent ones first."""
    return confusion(attributes, labelled, column).filter(pl.col("label").ne_missing(pl.col("answer")))
