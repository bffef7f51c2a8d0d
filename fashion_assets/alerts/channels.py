"""Where messages are sent: addresses for the notification library apprise.

An address contains passwords and never leaves this module. Only the service's name, a fingerprint, and errors built
from status codes and fixed texts do, because the library's own messages may repeat the address.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from fashion_assets.alerts.messages import FAILED, RECOVERED
from fashion_assets.errors import SettingsError
from fashion_assets.storage.hashing import hash_text

if TYPE_CHECKING:
    import apprise

ID_HEADER = "Idempotency-Key"
"""The header with the message id, on channels that have headers: webhooks and mail."""

_BETWEEN_ADDRESSES = re.compile(r"\s+|,+(?=\s|$|[a-z0-9]+://)", re.IGNORECASE)
"""A comma within an address, such as between two recipients, does not separate addresses."""

_REASONS = (
    ("timed out", "the server did not answer in time"),
    ("certificate", "the server's certificate was rejected"),
    ("refused", "the connection was refused"),
    ("resolve|Name or service|getaddrinfo|nodename", "the host name cannot be resolved"),
    ("Connection|Socket|connection", "the connection was lost"),
)


@dataclass(frozen=True)
class Channel:
    """One address; `name` is its service and its fingerprint."""

    url: str = field(repr=False)
    fingerprint: str
    name: str

    def send(self, title: str, body: str, kind: str, message_id: str) -> str | None:
        """Send one message now; returns None if it was accepted, else the reason, without secrets."""
        import apprise

        kinds = {FAILED: apprise.NotifyType.FAILURE, RECOVERED: apprise.NotifyType.SUCCESS}
        with _library_log() as log:
            sender = apprise.Apprise(_service(self.url, message_id))
            notify_type = kinds.get(kind, apprise.NotifyType.INFO)
            is_taken = sender.notify(body, title, notify_type, body_format=apprise.NotifyFormat.TEXT)
        return None if is_taken else _reason("\n".join(log))


def parse_channels(addresses: str) -> list[Channel]:
    """The channels of a comma- or whitespace-separated list of apprise URLs, each once.

    Raises SettingsError for an address that apprise does not understand; it gives its position and scheme, not the
    address.
    """
    channels = {}
    for place, url in enumerate(filter(None, _BETWEEN_ADDRESSES.split(addresses)), 1):
        with _library_log():
            service = _service(url)
        if service is None:
            kind = re.match(r"[a-z][a-z0-9]{0,31}://", url, re.IGNORECASE)
            raise SettingsError(
                value=(
                    f"Address {place} in FASHION_ALERTS{f', which starts with {kind[0]},' if kind else ''} is "
                    "not one that apprise understands (it is not shown here, as it may contain a password)"
                ),
                rule="an address must have a form from apprise's documentation",
                remedy="write it as `json://host/path` for a webhook, or as `mailto://user:password@host`",
            )
        fingerprint = hash_text(url)[:8]
        channels[fingerprint] = Channel(url, fingerprint, f"{service.service_name} {fingerprint}")
    return list(channels.values())


def _service(url: str, message_id: str | None = None) -> "apprise.NotifyBase | None":
    """The library's object for an address, which sends the message id as a header if the service has headers."""
    import apprise

    service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if service is None or message_id is None or "headers" not in service.template_kwargs:
        return service
    return apprise.Apprise.instantiate(f"{url}{'&' if '?' in url else '?'}+{ID_HEADER}={message_id}")


def _reason(log: str) -> str:
    if http := re.search(r"\berror=(\d{3})\b", log):
        code = int(http[1])
        phrase = f" ({HTTPStatus(code).phrase})" if code in set(HTTPStatus) else ""
        return f"the server answered {code}{phrase}"
    if smtp := re.search(r"\((\d{3}), b['\"]", log):
        return f"the mail server answered {smtp[1]}"
    for pattern, text in _REASONS:
        if re.search(pattern, log):
            return text
    return "the service did not accept it"


@contextmanager
def _library_log() -> Iterator[list[str]]:
    """The library's log messages while the block runs, withheld from all other logs: they repeat addresses."""
    log: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: log.append(record.getMessage())
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    before = [(logger.level, logger.propagate, logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.level, logger.propagate, logger.handlers = logging.DEBUG, False, [handler]
    try:
        yield log
    finally:
        for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
            logger.level, logger.propagate, logger.handlers = level, propagate, handlers
