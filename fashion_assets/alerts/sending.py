"""One pass of alerting, for sensor and command line: read Dagster's events, write the outbox, send what is due.

A pass may be killed at any moment. Messages are written before the cursor moves, and sent before the delivery is
recorded: the next pass reads events again, without duplicate messages, or resends one message with the same id.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dagster import DagsterInstance
from filelock import FileLock, Timeout

from fashion_assets.alerts.deliveries import Delivery, deliver
from fashion_assets.alerts.event_log import log_of, read_pages
from fashion_assets.alerts.messages import Message, new_messages
from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.tables import (
    latest_messages,
    messages_frame,
    move_cursor,
    read_cursor,
    read_outbox,
    record_messages,
)
from fashion_assets.errors import AlertsBusy
from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class Pass:
    """The result of a pass: new messages in the outbox, and attempts to send."""

    messages: tuple[Message, ...]
    deliveries: tuple[Delivery, ...]

    def in_words(self) -> str:
        failed = sum(delivery.error is not None for delivery in self.deliveries)
        sent = len(self.deliveries) - failed
        return f"New messages: {len(self.messages)}. Sent: {sent}, failed to be sent: {failed}."


def send_alerts(
    instance: DagsterInstance,
    store: TableStore,
    alerting: AlertsResource,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    wait_seconds: float = 0,
) -> Pass:
    """Add new messages to the outbox and send what is due; raises AlertsBusy while another process does that."""
    with _exclusively(alerting.lock_file, wait_seconds):
        added: list[Message] = []
        for messages, last in _new_messages(instance, store, alerting, clock()):
            record_messages(store, messages)
            move_cursor(store, log_of(instance), last)
            added += messages
        return Pass(tuple(added), tuple(deliver(store, alerting.channels(), clock)))


def unwritten_messages(
    instance: DagsterInstance, store: TableStore, alerting: AlertsResource, now: datetime
) -> list[Message]:
    """The messages that the next pass would add to the outbox; nothing is written."""
    return [message for messages, _ in _new_messages(instance, store, alerting, now) for message in messages]


def _new_messages(
    instance: DagsterInstance, store: TableStore, alerting: AlertsResource, now: datetime
) -> Iterator[tuple[list[Message], int]]:
    """Messages about the events since the cursor, page by page, each with the new position of the cursor."""
    log, outbox = log_of(instance), read_outbox(store)
    for events, last in read_pages(instance, read_cursor(store, log)):
        messages = new_messages(
            events,
            latest_messages(outbox),
            log=log,
            first_number=len(outbox),
            alert_on=alerting.alert_on,
            ui_url=alerting.ui_url,
            now=now,
        )
        outbox = outbox.vstack(messages_frame(messages))
        yield messages, last


@contextmanager
def _exclusively(lock_file: str, wait_seconds: float) -> Iterator[None]:
    Path(lock_file).parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise AlertsBusy(
            value="Another process is sending alerts",
            rule="only one process may send at a time",
            remedy="try again soon",
        ) from error
    try:
        yield
    finally:
        lock.release()
