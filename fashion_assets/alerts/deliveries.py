"""Delivering the outbox to every channel: what is due where, and when it is retried.

Each channel has a state of its own, held in the deliveries table: a message is sent until it is accepted, and the pause
doubles after each failed attempt. The messages of one alert stay in order. A delivery is recorded after the message was
sent, so that a kill in between repeats the message, with the same id, and loses nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fashion_assets.alerts.channels import Channel
from fashion_assets.alerts.messages import FAILED
from fashion_assets.alerts.tables import (
    ALERT_DELIVERIES,
    JOINED,
    NOT_SENT,
    SENT,
    read_outbox,
    record_delivery,
)
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 3600
MOST_PER_PASS = 20
"""Messages to one channel per pass: some services require seconds between two, and a sensor must finish in time."""


@dataclass(frozen=True)
class Delivery:
    """An attempt to send a message to a channel, both by name; `error` is why it failed (None: it was accepted)."""

    channel: str
    title: str
    message_id: str
    error: str | None


def deliver(store: TableStore, channels: Sequence[Channel], clock: Callable[[], datetime]) -> Iterator[Delivery]:
    """Send what is due on each channel, at most MOST_PER_PASS; a channel that fails is skipped until the next pass."""
    outbox, deliveries = read_outbox(store), store.read(ALERT_DELIVERIES)
    for channel in channels:
        if deliveries.filter(channel=channel.fingerprint).is_empty():
            last = None if outbox.is_empty() else outbox["message_id"][-1]
            joined = record_delivery(store, last, channel.fingerprint, JOINED, None, clock())
            deliveries = pl.concat([deliveries, joined])
        for _ in range(MOST_PER_PASS):
            row = next(due(outbox, deliveries, channel.fingerprint, clock()).iter_rows(named=True), None)
            if row is None:
                break
            message_id = row["message_id"]
            error = channel.send(row["title"], row["body"], row["kind"], message_id)
            outcome = SENT if error is None else NOT_SENT
            attempt = record_delivery(store, message_id, channel.fingerprint, outcome, error, clock())
            deliveries = pl.concat([deliveries, attempt])
            yield Delivery(channel.name, row["title"], message_id, error)
            if error is not None:
                break


def undelivered(outbox: pl.DataFrame, deliveries: pl.DataFrame, channel: str) -> pl.DataFrame:
    """The messages still to be sent to a channel, in order, with `tries`, the last try's `error`, and `next_try`.

    `next_try` is null before the first try. A channel gets every message since it joined and, of the earlier ones, only
    the failures that were still open. A channel that has not joined yet would join now.
    """
    attempts = deliveries.filter(channel=channel)
    joined = attempts.filter(outcome=JOINED).join(outbox, on="message_id")["number"].max()
    if attempts.is_empty():
        joined = outbox["number"].max()
    is_history = pl.col("number") <= (-1 if joined is None else joined)
    open_then = outbox.filter(is_history).unique([BATCH, "subject"], keep="last").filter(kind=FAILED)
    required = pl.concat([open_then, outbox.filter(~is_history)])
    pending = required.join(attempts.filter(outcome=SENT), on="message_id", how="anti")
    tries = attempts.filter(outcome=NOT_SENT).sort("at").group_by("message_id")
    tried = tries.agg(tries=pl.len().cast(pl.Int64), error=pl.col("error").last(), tried_at=pl.col("at").last())
    # Ten doublings exceed the longest pause, and a larger power of two would overflow a duration.
    pause = (FIRST_PAUSE_SECONDS * 2 ** (pl.col("tries") - 1).clip(0, 10)).clip(upper_bound=LONGEST_PAUSE_SECONDS)
    return (
        pending.join(tried, on="message_id", how="left")
        .with_columns(next_try=pl.col("tried_at") + pl.duration(seconds=pause), tries=pl.col("tries").fill_null(0))
        .drop("tried_at")
        .sort("number")
    )


def due(outbox: pl.DataFrame, deliveries: pl.DataFrame, channel: str, now: datetime) -> pl.DataFrame:
    """The messages to send to a channel now: the oldest pending one of each alert, unless it is still pausing.

    Those with the fewest tries come first, so that a message which is never accepted does not delay the others.
    """
    oldest = undelivered(outbox, deliveries, channel).unique([BATCH, "subject"], keep="first", maintain_order=True)
    return oldest.filter((pl.col("next_try") <= now).fill_null(True)).sort("tries", "number")
