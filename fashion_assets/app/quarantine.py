"""The rows of the source that are no products, and the other losses of the last ingest."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from fashion_assets.catalog.checks import CHECKS_ON_LOSSES
from fashion_assets.catalog.losses import Losses, read_losses
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, QUARANTINED_ROWS
from fashion_assets.gates.history import latest_judgements
from fashion_assets.storage.spreadsheets import for_spreadsheets
from fashion_assets.storage.store import TableStore

_COLUMNS = ("line_number", "kind", "reason", "raw_line")


@dataclass(frozen=True)
class Quarantine:
    """What did not get in at the last ingest."""

    store: TableStore

    @property
    def is_ingested(self) -> bool:
        """Whether there was an ingest."""
        return self.store.version(INGESTED_PRODUCTS) >= 0

    @cached_property
    def losses(self) -> Losses:
        """Counts, reasons and first examples: of rows, photos and values."""
        return read_losses(self.store)

    @cached_property
    def failed_checks(self) -> tuple[str, ...]:
        """Why the checks on losses did not pass at the last ingest, in sentences; empty if they passed."""
        judged = latest_judgements(self.store).filter(
            pl.col("asset") == INGESTED_PRODUCTS.asset,
            pl.col("name").is_in(CHECKS_ON_LOSSES),
            pl.col("outcome") != "passed",
        )
        return tuple(f"{name}: {reason}" for name, reason in judged.select("name", "reason").iter_rows())

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows that are no products: line_number, kind, reason and raw_line, in the order of the source."""
        return self.store.read(QUARANTINED_ROWS).select(*_COLUMNS).sort("line_number")

    def export(self, file: Path) -> int:
        """Write the rows as CSV; returns their number."""
        file.parent.mkdir(parents=True, exist_ok=True)
        for_spreadsheets(self.rows).write_csv(file)
        return len(self.rows)
