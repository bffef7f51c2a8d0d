"""Where messages go: addresses of the notification library apprise. An address holds passwords and stays in here.

What leaves this module about a channel is its service, a fingerprint, and errors made of status codes and fixed words,
because the library's own words may repeat the address.
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
"""Carries the message id on channels that have headers: webhooks and mail."""

_BETWEEN_ADDRESSES = re.compile(r"\s+|,+(?=\s|$|[a-z0-9]+://)", re.IGNORECASE)
"""A comma within an address, as between two recipients, parts nothing."""

_KNOWN_REASONS = (
    ("timed out", "the server did not answer in time"),
    ("certificate", "the server's certificate was not accepted"),
    ("refused", "the connection was refused"),
    ("resolve|Name or service|getaddrinfo|nodename", "the host's name is not known"),
    ("Connection|Socket|connection", "the connection broke"),
)


@dataclass(frozen=True)
class Channel:
    """One address; `name` is its service and its fingerprint."""

    url: str = field(repr=False)
    fingerprint: str
    name: str

    def send(self, title: str, body: str, kind: str, message_id: str) -> str | None:
        """Send one message now; returns None when it was taken, else why not, without secrets."""
        import apprise

        kinds = {FAILED: apprise.NotifyType.FAILURE, RECOVERED: apprise.NotifyType.SUCCESS}
        with _library_log() as said:
            sender = apprise.Apprise(_service(self.url, message_id))
            notify_type = kinds.get(kind, apprise.NotifyType.INFO)
            is_taken = sender.notify(body, title, notify_type, body_format=apprise.NotifyFormat.TEXT)
        return None if is_taken else _reason("\n".join(said))


def parse_channels(addresses: str) -> list[Channel]:
    """The channels of a comma- or whitespace-separated list of apprise URLs, each once.

    Raises SettingsError, which names the place and the kind of an address that apprise does not understand, not the
    address.
    """
    found = {}
    for place, url in enumerate(filter(None, _BETWEEN_ADDRESSES.split(addresses)), 1):
        with _library_log():
            service = _service(url)
        if service is None:
            kind = re.match(r"[a-z][a-z0-9]{0,31}://", url, re.IGNORECASE)
            raise SettingsError(
                value=(
                    f"Address {place} in FASHION_ALERTS{f', which starts with {kind[0]},' if kind else ''} is "
                    "none that apprise understands (its password is not repeated here)"
                ),
                rule="an address must have the form of apprise's documentation",
                remedy="write it as `json://host/path` for a webhook, or as `mailto://user:password@host`",
            )
        fingerprint = hash_text(url)[:8]
        found[fingerprint] = Channel(url, fingerprint, f"{service.service_name} {fingerprint}")
    return list(found.values())


def _service(url: str, message_id: str | None = None) -> "apprise.NotifyBase | None":
    """The library's object for an address, which sends the message id as a header where it can."""
    import apprise

    service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if service is None or message_id is None or "headers" not in service.template_kwargs:
        return service
    return apprise.Apprise.instantiate(f"{url}{'&' if '?' in url else '?'}+{ID_HEADER}={message_id}")


def _reason(said: str) -> str:
    if http := re.search(r"\berror=(\d{3})\b", said):
        code = int(http[1])
        phrase = f" ({HTTPStatus(code).phrase})" if code in set(HTTPStatus) else ""
        return f"the server answered {code}{phrase}"
    if smtp := re.search(r"\((\d{3}), b['\"]", said):
        return f"the mail server answered {smtp[1]}"
    for pattern, words in _KNOWN_REASONS:
        if re.search(pattern, said):
            return words
    return "the service did not take it"


@contextmanager
def _library_log() -> Iterator[list[str]]:
    """What the library logs while the block runs, kept from every other log: it repeats addresses."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    before = [(logger.level, logger.propagate, logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.level, logger.propagate, logger.handlers = logging.DEBUG, False, [handler]
    try:
        yield said
    finally:
        for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
            logger.level, logger.propagate, logger.handlers = level, propagate, handlers
