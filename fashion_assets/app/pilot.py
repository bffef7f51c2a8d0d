"""Piloting prompts and model, and comparing two prompt sets, with results that explain themselves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fashion_assets.app.labels import labels_at_hand
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.run import ingest_source
from fashion_assets.extraction.pilot_guard import PilotRecord, PilotVerdict
from fashion_assets.quality.pilot.compare import Comparison as Comparison
from fashion_assets.quality.pilot.summary import NEXT_STEP, criteria_rows, forecast_lines


@dataclass(frozen=True)
class PilotResult:
    """The verdict on the present prompts and model, why, and what the full catalog would take."""

    record: PilotRecord

    @property
    def verdict(self) -> PilotVerdict:
        return self.record.verdict

    @property
    def may_proceed(self) -> bool:
        """Whether prompts and model may describe the whole catalog."""
        return self.verdict is PilotVerdict.PROCEED

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is not PROCEED."""
        return () if self.may_proceed else self.record.reasons

    def criteria(self) -> list[tuple[str, str, str, str]]:
        """Criterion, figure, the bound of PROCEED and that of RECONSIDER, as texts."""
        return criteria_rows(self.record.figures)

    def sentences(self) -> list[str]:
        """The forecast for the full catalog, and what to do next."""
        return [*forecast_lines(self.record.figures), NEXT_STEP[self.verdict]]

    def as_dict(self) -> Mapping[str, object]:
        """What `fashion pilot --json` prints."""
        return asdict(self.record) | {"decided_at": self.record.decided_at.isoformat()}


def run_pilot(pipeline: Pipeline) -> PilotResult:
    """Ingest, then pilot the present prompts and model; raises RunFailed when that fails."""
    ingest_source(pipeline)
    return PilotResult(pipeline.pilot())


def compare_prompts(pipeline: Pipeline, other: Path | str, labels: Path | str | None) -> Comparison:
    """Ingest, then describe the pilot's products with the present prompts and with those of the folder `other`.

    The labels of the file decide which is better, else those of `labels_at_hand`; without any, the number of usable
    descriptions does. Raises PromptError, SourceError for labels that cannot be read, and ModelError when the model
    cannot answer.
    """
    ingest_source(pipeline)
    at_hand = labels_at_hand(pipeline.settings, pipeline.store, None if labels is None else Path(labels))
    return pipeline.compare_prompts(Path(other), None if at_hand.is_empty() else at_hand)
