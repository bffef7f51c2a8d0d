"""Which events become messages: check results and ends of runs in, messages out.

An alert is about one check of one batch, or about the runs of one batch. A failure opens it, with one message; further
failures add none; the first success closes it, with another message. Reading the same events again adds no message.
Sending is not done here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from fashion_assets.errors import PilotRefused
from fashion_assets.gates.history import WHOLE_CATALOG
from fashion_assets.gates.regressions import NO_REGRESSION
from fashion_assets.storage.hashing import hash_text

FAILED, RECOVERED = "failed", "recovered"

AlertOn = Literal["errors", "warnings"]
"""Which failed checks are alerts: errors and regressions only, or warnings as well."""


class AlertKey(NamedTuple):
    """What an alert is about: a batch (or the whole catalog), and its check or its runs."""

    batch: str
    subject: str


@dataclass(frozen=True)
class CheckEvaluation:
    """A check's result. `value` and `threshold` are its figures, `offending` lists the first offending products."""

    event_id: int
    run_id: str
    batch: str
    asset: str
    check: str
    passed: bool
    is_error: bool
    reason: str
    value: float | None = None
    threshold: float | None = None
    offending: str | None = None
    is_overridden: bool = False

    @property
    def key(self) -> AlertKey:
        return AlertKey(self.batch, f"{self.asset}:{self.check}")

    @property
    def name(self) -> str:
        return f"{self.asset if self.batch == WHOLE_CATALOG else self.batch}: {self.check}"

    def outcome(self, alert_on: AlertOn) -> str | None:
        """Its effect on its alert: FAILED, RECOVERED, or None.

        A failure that only warns, or that a person has overridden, opens no alert, but is no recovery either.
        """
        if self.passed:
            return RECOVERED
        is_alarming = self.is_error or self.check == NO_REGRESSION or alert_on == "warnings"
        return FAILED if is_alarming and not self.is_overridden else None

    def lines(self) -> list[str]:
        figures = [("Figure", self.value), ("Threshold", self.threshold)]
        is_share = self.threshold is None or self.threshold <= 1
        known_figures = [f"{name}: {_figure(value, is_share)}" for name, value in figures if value is not None]
        offending = [f"First offending products: {self.offending}"] if self.offending else []
        return [self.reason, *known_figures, *offending, f"Check: {self.check} of {self.asset}"]


@dataclass(frozen=True)
class RunEnd:
    """The end of a run; `is_known` if it failed in a way that needs no message.

    That is: only at a gate, which has its own alert, or because the person who started it stopped it. A run that
    `lacks_pilot` was refused for that reason; its alert is the pilot's check, so that a backfill gives one message.
    """

    event_id: int
    run_id: str
    batch: str
    job: str
    succeeded: bool
    reason: str = ""
    is_known: bool = False
    lacks_pilot: bool = False

    @property
    def key(self) -> AlertKey:
        if self.lacks_pilot:
            return AlertKey(WHOLE_CATALOG, ":".join(PilotRefused.missing_check))
        return AlertKey(self.batch, f"run of {self.job}" if self.batch == WHOLE_CATALOG else "run")

    @property
    def name(self) -> str:
        if self.lacks_pilot:
            return ": ".join(PilotRefused.missing_check)
        return f"{self.job if self.batch == WHOLE_CATALOG else self.batch}: run"

    def outcome(self, alert_on: AlertOn) -> str | None:
        if self.succeeded:
            return RECOVERED
        return None if self.is_known else FAILED

    def lines(self) -> list[str]:
        return [*([self.reason] if self.reason else []), f"Job: {self.job}"]


Event = CheckEvaluation | RunEnd


@dataclass(frozen=True)
class Message:
    """A message as stored in the outbox; see its columns."""

    number: int
    message_id: str
    log: str
    event_id: int
    batch: str
    subject: str
    kind: str
    title: str
    body: str
    run_link: str
    created_at: datetime

    @property
    def key(self) -> AlertKey:
        return AlertKey(self.batch, self.subject)


def new_messages(
    events: Iterable[Event],
    latest: Mapping[AlertKey, Message],
    *,
    log: str,
    first_number: int,
    alert_on: AlertOn,
    ui_url: str,
    now: datetime,
) -> list[Message]:
    """The messages for these events, given the `latest` message of each alert.

    The events are of one `log`, in its order; those up to the event of their alert's latest message are skipped.
    """
    last, messages = dict(latest), []
    for event in events:
        before = last.get(event.key)
        if before is not None and before.log == log and event.event_id <= before.event_id:
            continue
        is_open = before is not None and before.kind == FAILED
        kind = event.outcome(alert_on)
        if kind is None or (kind == FAILED) == is_open:
            continue
        opening = (before.log, before.event_id) if before is not None and is_open else (log, event.event_id)
        message_id = hash_text("|".join(map(str, (*event.key, kind, *opening))))[:16]
        run_link = f"{ui_url.rstrip('/')}/runs/{event.run_id}"
        message = Message(
            number=first_number + len(messages),
            message_id=message_id,
            log=log,
            event_id=event.event_id,
            batch=event.key.batch,
            subject=event.key.subject,
            kind=kind,
            title=f"{event.name} {kind}",
            body="\n".join([*event.lines(), f"Run: {run_link}", f"Message id: {message_id}"]),
            run_link=run_link,
            created_at=now,
        )
        last[event.key] = message
        messages.append(message)
    return messages


def _figure(value: float, is_share: bool) -> str:
    return f"{value:.1%}" if is_share else f"{value:g}"
