"""Limits of a fetch: what it may ask of a host, of this machine and of a person's patience, and which hosts it asks."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from fashion_assets.catalog.fetching.addresses import read_host
from fashion_assets.errors import SettingsError
from fashion_assets.shop.catalog_rules import PhotoRules


@dataclass(frozen=True)
class FetchLimits:
    """The limits; raises SettingsError for one that cannot work.

    Hosts are names, with a port where only that port is meant. Unless `allowed_hosts` is empty, no other host is asked.
    `private_hosts` may have addresses that are not public: those of this machine and of its own network.
    """

    at_once: int = 16
    per_host: int = 4
    """Requests in flight to a host; browsers make six connections."""
    largest_bytes: int = 25_000_000
    """Also after decompression."""
    seconds_per_photo: float = 60
    """For one try, from the first connection to the last byte."""
    connect_seconds: float = 10
    silent_seconds: float = 20
    """Without a byte from the host."""
    tries: int = 3
    """Of what may pass, in one run, the first included."""
    first_wait_seconds: float = 0.5
    """Between two tries; it doubles with each."""
    longest_wait_seconds: float = 120
    """A host that asks for more rest is given up for this run."""
    failures_in_a_row: int = 12
    """After so many a host is given up for this run."""
    revalidate_after_seconds: float = 3_600
    """A photo is not asked for again before."""
    remember_seconds: float = 86_400
    """A failure that lasts is not asked for again before."""
    allowed_hosts: frozenset[str] = frozenset()
    private_hosts: frozenset[str] = frozenset()

    @classmethod
    def of_shop(cls, photos: PhotoRules) -> Self:
        """The usual limits, for the hosts that the shop's file names; raises SettingsError for one that is no host."""
        return cls(allowed_hosts=frozenset(photos.hosts), private_hosts=frozenset(photos.private_hosts))

    def __post_init__(self):
        for name in ("allowed_hosts", "private_hosts"):
            object.__setattr__(self, name, _hosts(name, getattr(self, name)))
        for field in fields(self):
            value = getattr(self, field.name)
            may_be_none = field.name in ("revalidate_after_seconds", "first_wait_seconds", "remember_seconds")
            if isinstance(value, int | float) and (value < 0 or (value == 0 and not may_be_none)):
                raise SettingsError(
                    value=f"The limit {field.name} of the fetch of photos is {value}",
                    rule=f"it must be {'0 or more' if may_be_none else 'more than 0'}",
                    remedy="correct it",
                )


def _hosts(name: str, texts: Iterable[str]) -> frozenset[str]:
    hosts = {text: read_host(text) for text in texts}
    for text, host in hosts.items():
        if host is None:
            raise SettingsError(
                value=f"'{text}' in {name} is not a host",
                rule="hosts are given as names, without scheme and path",
                remedy="write it as cdn.example.com or cdn.example.com:8080",
            )
    return frozenset(filter(None, hosts.values()))
