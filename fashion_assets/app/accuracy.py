"""The model's answers compared with hand labels: accuracy, calibration, and which values are confused."""

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
"""Labels of an attribute; with fewer, the intervals are too wide to be useful."""

_VALUE_COLUMNS = tuple(field.column for field in SHIPPED.taxonomy.single_valued)


@dataclass(frozen=True)
class AccuracyReport:
    """Scores with 95 % intervals by attribute, and the calibration of the attributes that have a single value.

    A threshold is the lowest probability above which the share `precision` of the answers is right, None if there is
    none. `confusions` (columns `label`, `answer`, `products`) are of the attribute that was named, else None.
    """

    scores: tuple[Accuracy, ...]
    calibrations: Mapping[str, Calibration]
    thresholds: Mapping[str, Threshold | None]
    precision: float
    confusions: pl.DataFrame | None

    @property
    def fewest_labels(self) -> int:
        """The number of labels of the attribute that has the fewest."""
        return min(score.labels for score in self.scores)

    @property
    def has_few_labels(self) -> bool:
        """Whether some attribute has too few labels for a useful interval."""
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
    labels: Path | str | None = None,
    is_audit: bool = False,
    precision: float = 0.95,
    confusions: str | None = None,
) -> AccuracyReport:
    """Compare the raw answers with the labels of a file, of the demo catalog, or of the random audit.

    `precision` (0.5..1) is the share of right answers for which a threshold is sought; `confusions` names an attribute.
    Raises OptionError for an attribute that has no single value, and for a file together with the audit; SourceError
    for a file that cannot be read; NotComputed when there are no labels, or no labelled product has been described.
    """
    labels = None if labels is None else Path(labels)
    if confusions is not None and confusions not in _VALUE_COLUMNS:
        raise OptionError(
            value=f"confusions (--confusions) is '{confusions}'",
            rule="it must be an attribute with one value",
            remedy=f"use one of {', '.join(_VALUE_COLUMNS)}",
        )
    if labels is not None and is_audit:
        raise OptionError(
            value=f"Both the labels '{labels}' and the random audit (--audit) are given",
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
            value="None of the labelled products has been described",
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
    """Pairs of label and wrong answer, the most frequent first."""
    return confusion(attributes, labelled, column).filter(pl.col("label").ne_missing(pl.col("answer")))
