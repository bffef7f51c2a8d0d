"""The pilots' verdicts on prompt sets and models, and the rule that follows: no full backfill without a PROCEED.

Running and judging a pilot belongs to `quality/pilot`; here its records are stored and looked up. The asset that runs
the model enforces the rule itself, because a backfill from the UI would bypass any other check.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.errors import PilotRefused
from fashion_assets.extraction.retries import version_of_batch
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.run_tags import FORCE_TAG
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME, Column, Origin, table_of_asset


class PilotVerdict(StrEnum):
    """What to do after a pilot (specification, section 3)."""

    PROCEED = "PROCEED"
    REFINE = "REFINE PROMPTS"
    RECONSIDER = "RECONSIDER"


PILOTS = table_of_asset(
    PilotRefused.missing_check[0],
    name="pilots",
    key=("prompt_version", "model_id", "decided_at"),
    columns=(
        Column("prompt_version", pl.String, "The prompt set, with the hash of its text."),
        Column("model_id", pl.String, "The model that answered, with the hash of its weights."),
        Column("verdict", pl.String, "What to do.", allowed=tuple(PilotVerdict)),
        Column("reasons", pl.List(pl.String), "Why."),
        Column("figures", pl.String, "All figures, including the forecast, as JSON."),
        Column("decided_at", UTC_TIME, "When it was decided.", is_hashed=False),
    ),
    partition_by=(),
    origin=Origin.RECORDED,
)
"""Append-only; the last pilot of a prompt set and a model counts."""


@dataclass(frozen=True)
class PilotRecord:
    """A pilot's outcome; `figures` are plain values for JSON, by name."""

    prompt_version: str
    model_id: str
    verdict: PilotVerdict
    reasons: tuple[str, ...]
    decided_at: datetime
    figures: dict = field(default_factory=dict)

    def in_words(self) -> str:
        return f"{self.verdict}: {' '.join(self.reasons)}"


def record_pilot(store: TableStore, record: PilotRecord) -> None:
    """Append a pilot's outcome."""
    row = {
        "prompt_version": record.prompt_version,
        "model_id": record.model_id,
        "verdict": record.verdict.value,
        "reasons": list(record.reasons),
        "figures": json.dumps(record.figures),
        "decided_at": record.decided_at,
    }
    store.append(PILOTS, pl.DataFrame([row], schema=PILOTS.row_schema))


def last_pilot(store: TableStore, prompt_version: str, model_id: str) -> PilotRecord | None:
    """The last pilot of exactly this prompt set and model; None if there is none."""
    rows = store.read(PILOTS).filter(prompt_version=prompt_version, model_id=model_id).sort("decided_at")
    if rows.is_empty():
        return None
    row = rows.row(-1, named=True)
    return PilotRecord(
        prompt_version,
        model_id,
        PilotVerdict(row["verdict"]),
        tuple(row["reasons"]),
        row["decided_at"],
        json.loads(row["figures"]),
    )


@dataclass(frozen=True)
class PilotGuard:
    """Which batches may be inferred with a prompt set and a model.

    One batch may be tried without a pilot, if a person starts it alone; a batch that this prompt set and model have
    described before may always be updated. Anything else needs a last pilot that ended in PROCEED; in that case
    `batches` and `described`, which require reading every batch, are not looked up.
    """

    prompt_version: str
    model_id: str
    record: PilotRecord | None
    batches: int = 0
    described: frozenset[str] = frozenset()

    @classmethod
    def of(cls, store: TableStore, prompt_version: str, model_id: str) -> "PilotGuard":
        """The guard for these versions, from the present tables."""
        record = last_pilot(store, prompt_version, model_id)
        if record is not None and record.verdict is PilotVerdict.PROCEED:
            return cls(prompt_version, model_id, record)
        columns = [BATCH, "model_id", "prompt_version", "retry_of_model_id", "retry_of_prompt_version"]
        is_theirs = (version_of_batch("prompt_version") == prompt_version) & (version_of_batch("model_id") == model_id)
        parts = store.read_in_parts(EXTRACTED_ATTRIBUTES, columns)
        return cls(
            prompt_version,
            model_id,
            record,
            len(store.batches(INGESTED_PRODUCTS)),
            frozenset(batch for part in parts for batch in part.filter(is_theirs)[BATCH].unique()),
        )

    def refuses(self, batch: str, is_backfill: bool) -> bool:
        """Whether the batch may not be inferred; `is_backfill`: it is one of many, or was not started by a person.

        A catalog of one batch has no backfill.
        """
        if self.record is not None and self.record.verdict is PilotVerdict.PROCEED:
            return False
        is_trial = not self.described and not is_backfill
        return batch not in self.described and not is_trial and self.batches > 1

    def refusal(self) -> PilotRefused:
        """The error with the reason and the next step."""
        versions = f"the prompts {self.prompt_version} with the model {self.model_id}"
        rule = "more than one batch needs one that ended in PROCEED"
        if self.record is None:
            return PilotRefused(
                value=f"There has been no pilot of {versions}",
                rule=rule,
                remedy="`fashion pilot`",
            )
        return PilotRefused(
            value=f"The last pilot of {versions} ended in {self.record.in_words().rstrip('.')}",
            rule=(
                f"{rule}: change prompts or model and pilot again, or run without one by `fashion run "
                f"--force`, or by the tag {FORCE_TAG}=true of a backfill"
            ),
            remedy="`fashion pilot`",
        )
