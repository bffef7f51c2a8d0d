"""Bringing the outbox to every channel: what is due where, and when it is tried again.

Each channel has a state of its own, which is all in the deliveries table: a message is sent there until it was taken,
and after each failed try the pause doubles. The messages of one alert never overtake each other. A message is put on
record after it was sent, so that a kill in between repeats it, with the same id, and loses nothing.
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
"""Messages to one channel at a time: some services want seconds between two, and a sensor must come to an end."""


@dataclass(frozen=True)
class Delivery:
    """A try to send a message to a channel, both by name; `error` says why it failed (None: it was taken)."""

    channel: str
    title: str
    message_id: str
    error: str | None


def deliver(store: TableStore, channels: Sequence[Channel], clock: Callable[[], datetime]) -> Iterator[Delivery]:
    """Send what is due on each channel, at most MOST_PER_PASS; a channel that fails rests until the next pass."""
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
            tried = record_delivery(store, message_id, channel.fingerprint, outcome, error, clock())
            deliveries = pl.concat([deliveries, tried])
            yield Delivery(channel.name, row["title"], message_id, error)
            if error is not None:
                break


def undelivered(outbox: pl.DataFrame, deliveries: pl.DataFrame, channel: str) -> pl.DataFrame:
    """The messages that a channel has yet to get, in their order, with `tries`, `error` of the last and `next_try`.

    `next_try` is null before the first. A channel is to get every message since it joined, and of those before it the
    failures that were still open: a new channel gets no history. One that has not joined yet would join now.
    """
    own = deliveries.filter(channel=channel)
    joined = own.filter(outcome=JOINED).join(outbox, on="message_id")["number"].max()
    if own.is_empty():
        joined = outbox["number"].max()
    is_history = pl.col("number") <= (-1 if joined is None else joined)
    open_then = outbox.filter(is_history).unique([BATCH, "subject"], keep="last").filter(kind=FAILED)
    wanted = pl.concat([open_then, outbox.filter(~is_history)])
    pending = wanted.join(own.filter(outcome=SENT), on="message_id", how="anti")
    tries = own.filter(outcome=NOT_SENT).sort("at").group_by("message_id")
    tried = tries.agg(tries=pl.len().cast(pl.Int64), error=pl.col("error").last(), tried_at=pl.col("at").last())
    # Ten doublings are beyond the longest pause, and a power of two of many tries would be no duration.
    pause = (FIRST_PAUSE_SECONDS * 2 ** (pl.col("tries") - 1).clip(0, 10)).clip(upper_bound=LONGEST_PAUSE_SECONDS)
    return (
        pending.join(tried, on="message_id", how="left")
        .with_columns(next_try=pl.col("tried_at") + pl.duration(seconds=pause), tries=pl.col("tries").fill_null(0))
        .drop("tried_at")
        .sort("number")
    )


def due(outbox: pl.DataFrame, deliveries: pl.DataFrame, channel: str, now: datetime) -> pl.DataFrame:
    """The messages to send to a channel now: of each alert the oldest one that is missing, unless its pause lasts.

    Those tried least often come first, so that one which is never taken holds up no other.
    """
    oldest = undelivered(outbox, deliveries, channel).unique([BATCH, "subject"], keep="first", maintain_order=True)
    return oldest.filter((pl.col("next_try") <= now).fill_null(True)).sort("tries", "number")
