"""The alerts' tables: all messages, their deliveries on each channel, and how far the event log was read.

The outbox is also the alerts' state: the last message about a check or a run shows whether its alert is open.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import polars as pl

from fashion_assets.alerts.messages import FAILED, RECOVERED, AlertKey, Message
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, UTC_TIME, Column, Origin, Table

MOST_FILES = 100
"""Each message and each delivery is a separate file; a table with more files is compacted."""

JOINED, SENT, NOT_SENT = "joined", "sent", "failed"

ALERT_OUTBOX = Table(
    "alert_outbox",
    key=("message_id",),
    columns=(
        Column("number", pl.Int64, "Sequence number: the order of the messages."),
        Column("message_id", pl.String, "The same for the same event, however often it is read or sent."),
        Column("log", pl.String, "The event log that holds the event."),
        Column("event_id", pl.Int64, "The event that the message is about."),
        Column(BATCH, pl.String, "The batch, or `catalog`."),
        Column("subject", pl.String, "The check, as asset:check, or the run."),
        Column("kind", pl.String, "What happened.", allowed=(FAILED, RECOVERED)),
        Column("title", pl.String, "The message's title."),
        Column("body", pl.String, "The message's text."),
        Column("run_link", pl.String, "Link to the run in the UI."),
        Column("created_at", UTC_TIME, "When the message was written.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only."""

ALERT_DELIVERIES = Table(
    "alert_deliveries",
    key=("channel", "message_id", "at"),
    columns=(
        Column("message_id", pl.String, "The message; for a channel that joined, the last one before that (or null)."),
        Column("channel", pl.String, "Fingerprint of the channel's address, which may contain passwords."),
        Column("outcome", pl.String, "The outcome.", allowed=(JOINED, SENT, NOT_SENT)),
        Column("error", pl.String, "Why it was not sent."),
        Column("at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only."""

ALERT_CURSORS = Table(
    "alert_cursors",
    key=("log",),
    columns=(
        Column("log", pl.String, "The event log."),
        Column("event_id", pl.Int64, "The last event that was read; its message, if any, is in the outbox."),
    ),
    partition_by=(),
    origin=Origin.CACHED,
)
"""One row for each event log."""


def read_outbox(store: TableStore) -> pl.DataFrame:
    """All messages in their order; columns as ALERT_OUTBOX."""
    return store.read(ALERT_OUTBOX).sort("number")


def latest_messages(outbox: pl.DataFrame) -> dict[AlertKey, Message]:
    """The last message about each check or run."""
    rows = outbox.unique([BATCH, "subject"], keep="last", maintain_order=True)
    return {message.key: message for message in (Message(**row) for row in rows.iter_rows(named=True))}


def messages_frame(messages: Sequence[Message]) -> pl.DataFrame:
    """The messages as rows of ALERT_OUTBOX."""
    return pl.DataFrame([asdict(message) for message in messages], schema=ALERT_OUTBOX.row_schema)


def record_messages(store: TableStore, messages: Sequence[Message]) -> None:
    """Append the messages, all in one commit."""
    if messages:
        store.append(ALERT_OUTBOX, messages_frame(messages))
        store.compact_if_fragmented(ALERT_OUTBOX, MOST_FILES)


def record_delivery(
    store: TableStore, message_id: str | None, channel: str, outcome: str, error: str | None, at: datetime
) -> pl.DataFrame:
    """Append the outcome of sending a message to a channel; returns the row."""
    row = {"message_id": message_id, "channel": channel, "outcome": outcome, "error": error, "at": at}
    rows = pl.DataFrame([row], schema=ALERT_DELIVERIES.row_schema)
    store.append(ALERT_DELIVERIES, rows)
    store.compact_if_fragmented(ALERT_DELIVERIES, MOST_FILES)
    return rows


def read_cursor(store: TableStore, log: str) -> int:
    """The last event of the log that was read; -1 before the first."""
    rows = store.read(ALERT_CURSORS).filter(log=log)
    return -1 if rows.is_empty() else rows["event_id"][0]


def move_cursor(store: TableStore, log: str, event_id: int) -> None:
    """Record that the log was read up to this event."""
    others = store.read(ALERT_CURSORS).filter(pl.col("log") != log)
    store.merge(ALERT_CURSORS, pl.concat([others, pl.DataFrame({"log": [log], "event_id": [event_id]})]))
