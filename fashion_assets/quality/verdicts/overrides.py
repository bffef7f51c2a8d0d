"""Overrides: a person's decision that a stopped batch may continue, with name, reason and exactly these rows."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fashion_assets.errors import BatchRefused
from fashion_assets.quality.tables import VERDICT_OVERRIDES
from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH


@dataclass(frozen=True)
class Override:
    """Who overrode the verdict, why, and when (UTC)."""

    author: str
    reason: str
    decided_at: datetime

    def in_words(self) -> str:
        return f"{self.author} overrode this at {self.decided_at:%Y-%m-%d %H:%M} UTC: {self.reason}"


def find_override(store: RowReader, batch: str, fingerprint: str) -> Override | None:
    """The last override for exactly these rows."""
    rows = store.read(VERDICT_OVERRIDES, batch).filter(content_fingerprint=fingerprint).sort("decided_at")
    if rows.is_empty():
        return None
    row = rows.row(-1, named=True)
    return Override(row["author"], row["reason"], row["decided_at"])


def record_override(store: TableStore, batch: str, fingerprint: str, override: Override) -> None:
    """Append the decision; raises BatchRefused unless it names a person and a reason."""
    require_who_and_why(batch, override.author, override.reason)
    row = {
        BATCH: batch,
        "content_fingerprint": fingerprint,
        "author": override.author.strip(),
        "reason": override.reason.strip(),
        "decided_at": override.decided_at,
    }
    store.append(VERDICT_OVERRIDES, pl.DataFrame([row]))


def require_who_and_why(batch: str, author: str, reason: str) -> None:
    """Raise BatchRefused unless a person and a reason are named."""
    for what, text in (("person", author), ("reason", reason)):
        if not text.strip():
            raise BatchRefused(
                value=f"The {what} of a decision about {batch} is empty",
                rule="a decision must name a person and a reason",
                remedy="name both (--by NAME --reason TEXT)",
            )
