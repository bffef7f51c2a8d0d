"""The alerts of a shop: what is failing now, what has not been sent yet, and sending it without the daemon."""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from fashion_assets.alerts.channels import Channel
from fashion_assets.alerts.deliveries import Delivery, undelivered
from fashion_assets.alerts.messages import FAILED
from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.sending import Pass, send_alerts, unwritten_messages
from fashion_assets.alerts.tables import ALERT_DELIVERIES, latest_messages, messages_frame, read_outbox
from fashion_assets.errors import SettingsError
from fashion_assets.orchestration.dagster_home import using_instance
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore

_PATIENCE_SECONDS = 30
"""How long to wait for another process that is sending."""


@dataclass(frozen=True)
class OpenAlert:
    """A check or run that is failing: its batch (or the whole catalog), since when, and a link to the run."""

    batch: str
    subject: str
    title: str
    since: datetime
    run: str


@dataclass(frozen=True)
class UndeliveredMessage:
    """A message that a channel has not accepted yet; `next_try` is None when the next pass tries it."""

    channel: str
    title: str
    message_id: str
    tries: int
    error: str | None
    next_try: datetime | None


@dataclass(frozen=True)
class AlertsOverview:
    """The open alerts, the names of the channels, and the messages that have not been delivered yet."""

    open: tuple[OpenAlert, ...]
    channels: tuple[str, ...]
    undelivered: tuple[UndeliveredMessage, ...]


@dataclass(frozen=True)
class SendingResult:
    """The deliveries of one pass of sending."""

    sending_pass: Pass

    @property
    def sent(self) -> tuple[Delivery, ...]:
        return tuple(delivery for delivery in self.sending_pass.deliveries if delivery.error is None)

    @property
    def failed(self) -> tuple[Delivery, ...]:
        return tuple(delivery for delivery in self.sending_pass.deliveries if delivery.error is not None)

    def in_words(self) -> str:
        return self.sending_pass.in_words()

    def as_dict(self) -> dict[str, object]:
        """What `fashion alerts send --json` prints."""
        return {"new_messages": len(self.sending_pass.messages), "sent": self.sent, "failed": self.failed}


class Alerts:
    """The alerts of one shop, and its channels."""

    def __init__(self, settings: Settings, store: TableStore, alerting: AlertsResource):
        self._settings = settings
        self._store = store
        self._alerting = alerting

    def overview(self) -> AlertsOverview:
        """What is open and unsent, including events that no pass has read yet; writes nothing."""
        with using_instance(self._settings.dagster_home) as instance:
            unwritten = unwritten_messages(instance, self._store, self._alerting, datetime.now(UTC))
        outbox = pl.concat([read_outbox(self._store), messages_frame(unwritten)])
        latest = sorted(latest_messages(outbox).values(), key=lambda message: message.number)
        return AlertsOverview(
            open=tuple(
                OpenAlert(message.batch, message.subject, message.title, message.created_at, message.run_link)
                for message in latest
                if message.kind == FAILED
            ),
            channels=tuple(channel.name for channel in self._alerting.channels()),
            undelivered=tuple(
                message for channel in self._alerting.channels() for message in self._undelivered(outbox, channel)
            ),
        )

    def send(self) -> SendingResult:
        """Send what is due now, once; raises AlertsBusy while another process is sending."""
        with using_instance(self._settings.dagster_home) as instance:
            sending_pass = send_alerts(instance, self._store, self._alerting, wait_seconds=_PATIENCE_SECONDS)
        return SendingResult(sending_pass)

    def test(self) -> dict[str, str | None]:
        """Send a test message to every channel; returns by its name the problem, or None if it accepted the message.

        Raises SettingsError when there is no channel.
        """
        channels = self._alerting.channels()
        if not channels:
            raise SettingsError(
                value="FASHION_ALERTS names no channel",
                rule="a test needs one",
                remedy="set it to apprise URLs, as `json://host/path` for a webhook",
            )
        message_id = f"test-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        body = f"This is a test of fashion_assets' alerts; nothing has failed.\nMessage id: {message_id}"
        return {channel.name: channel.send("fashion_assets: test", body, "test", message_id) for channel in channels}

    def _undelivered(self, outbox: pl.DataFrame, channel: Channel) -> list[UndeliveredMessage]:
        rows = undelivered(outbox, self._store.read(ALERT_DELIVERIES), channel.fingerprint)
        columns = ("title", "message_id", "tries", "error", "next_try")
        return [UndeliveredMessage(channel.name, **row) for row in rows.select(columns).iter_rows(named=True)]
