"""Killed by SIGKILL at a moment of one's choice: one pass of alerting; see `test_alerts_kill.py`.

The process that all others are forked from loads this module and nothing else, so its imports are all they need.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import alembic.command  # noqa: F401  - loaded once here, not in each process
import polars as pl
import pyarrow.dataset  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage  # noqa: F401

from fashion_assets.alerts.channels import parse_channels
from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.sending import send_alerts
from fashion_assets.alerts.tables import ALERT_CURSORS, ALERT_DELIVERIES, ALERT_OUTBOX
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Table

parse_channels("json://127.0.0.1")  # loads all services of the library

SENT_NOT_RECORDED = f"before {ALERT_DELIVERIES.name}"
MOMENTS = (
    f"before {ALERT_OUTBOX.name}",
    f"after {ALERT_OUTBOX.name}",
    f"before {ALERT_CURSORS.name}",
    f"after {ALERT_CURSORS.name}",
    SENT_NOT_RECORDED,
    f"after {ALERT_DELIVERIES.name}",
)
"""Before and after the first write to each table. Between sending and `before alert_deliveries` nothing happens."""


class _FatedStore(TableStore):
    """Kills the process at a moment of `MOMENTS`."""

    def __init__(self, uri: str, moment: str | None):
        super().__init__(uri)
        self._moment, self._written = moment, set()

    def append(self, table: Table, rows: pl.DataFrame) -> None:
        self._fated(table, lambda: super(_FatedStore, self).append(table, rows))

    def merge(self, table: Table, rows: pl.DataFrame, batch: str | None = None) -> None:
        self._fated(table, lambda: super(_FatedStore, self).merge(table, rows, batch))

    def _fated(self, table: Table, write: Callable[[], object]) -> None:
        self._meet("before", table)
        write()
        self._meet("after", table)
        self._written.add(table.name)

    def _meet(self, when: str, table: Table) -> None:
        if table.name not in self._written and self._moment == f"{when} {table.name}":
            os.kill(os.getpid(), signal.SIGKILL)


def make_pass(dagster_home: Path, home: Path, addresses: str, moment: str | None) -> None:
    """One pass over the events of an instance, with tables and lock below `home`."""
    alerting = AlertsResource.with_addresses(addresses, ui_url="http://ui", lock_file=str(home / "alerts.lock"))
    with open_instance(dagster_home) as instance:
        send_alerts(instance, _FatedStore(str(home / "tables"), moment), alerting)
