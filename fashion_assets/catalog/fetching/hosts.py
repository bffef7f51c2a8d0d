"""Which hosts may be asked, and at which IP addresses: none of a private network, unless the shop names the host.

A photo's address comes from a table that others may have written, and a redirect from a server of theirs. Without these
rules either could make this machine ask its own network, and the service that gives out a cloud machine's keys.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, ip_address, ip_network

from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import FetchFailed, Kind

Resolve = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host's name and port, as text; raises OSError if it has none."""

PRIVATE_NETWORK = "an address of a private network"

_UNICAST_V6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_FURTHER_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "224.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
        ),
    )
)
"""What `is_global` of Python 3.11 lacks, from IANA's registries of special-purpose addresses (RFC 6890): assignments of
protocols, 6to4 and its relays, which carry any IPv4 address, multicast, and examples."""


def is_public(ip: str) -> bool:
    """Whether an IP address is one of the internet's, and not of a private network, this machine, or nobody."""
    address = ip_address(ip.partition("%")[0])
    if address in _NAT64:  # networks without IPv4 reach it through these
        address = IPv4Address(address.packed[-4:])
    if address.version == 6 and address not in _UNICAST_V6:  # also IPv4 written as IPv6
        return False
    return address.is_global and not any(address in network for network in _FURTHER_NOT_PUBLIC)


def system_addresses(host: str, port: int) -> list[str]:
    """What the machine's resolver says, in its order."""
    return list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


class Hosts:
    """The rules of `limits`, with the names looked up by `resolve`."""

    def __init__(self, limits: FetchLimits, resolve: Resolve = system_addresses):
        self._limits = limits
        self._resolve = resolve

    def checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """The IP addresses at which the host may be asked; raises FetchFailed.

        IPv6 addresses are without brackets. A name with only some private addresses is refused too: no shop has one.
        """
        if self._limits.allowed_hosts and not is_among(self._limits.allowed_hosts, host, port):
            raise FetchFailed(Kind.LIMITED, "a host that is not one of the allowed ones")
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise FetchFailed(Kind.PASSES, "the host's name cannot be resolved") from None
        if not is_among(self._limits.private_hosts, host, port) and not all(map(is_public, addresses)):
            raise FetchFailed(Kind.LIMITED, PRIVATE_NETWORK)
        return addresses


def is_among(hosts: frozenset[str], host: str, port: int) -> bool:
    """Whether `hosts` name this one, with this port or without one; an IPv6 address is without brackets."""
    name = f"[{host}]" if ":" in host else host
    return name in hosts or f"{name}:{port}" in hosts
