"""Addresses whose host is by its name one of a private network, and the line of the shop's file that allows to ask it.

No name is resolved here: a public name may still lead to a private address, which `hosts.py` sees when it is asked.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from itertools import islice
from urllib.parse import urlsplit

from fashion_assets.catalog.fetching.addresses import DEFAULT_PORTS, read_address
from fashion_assets.catalog.fetching.hosts import is_among, is_public
from fashion_assets.catalog.fetching.limits import FetchLimits

MOST_NAMED = 20
"""Hosts that a sentence or a line names, those of the most products."""

_PRIVATE_ENDINGS = (
    *("localhost", "local", "home.arpa"),
    *("intranet", "internal", "private", "corp", "home", "lan"),
)
"""Ends of names that no public host has: of RFC 6761, section 6.3, RFC 6762, section 3, and RFC 8375, and those which
RFC 6762, appendix G, says that private networks use."""


def private_host(address: str) -> str | None:
    """The host of a web address, with its port, if it is an IP address or a name that shows a private network.

    That is an IP address which is not public, a name without a dot, or one with an ending of private networks.
    """
    read = read_address(address)
    if not read.host:
        return None
    parts = urlsplit(read.text)
    name, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    if not _is_private(name):
        return None
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def refused_hosts(products: Mapping[str, int], limits: FetchLimits) -> dict[str, int]:
    """The hosts that will not be asked because no one named them, with their `products`, most first.

    Of `products` (numbers by host with its port), hosts that `allowed_hosts` leaves out are not listed, as the shop
    does not mean them. The ports of http and https are left out of the names.
    """
    refused: Counter[str] = Counter()
    for host, count in products.items():
        name, _, port = host.rpartition(":")
        place = name.strip("[]"), int(port)
        is_meant = not limits.allowed_hosts or is_among(limits.allowed_hosts, *place)
        if is_meant and not is_among(limits.private_hosts, *place):
            refused[name if int(port) in DEFAULT_PORTS.values() else host] += count
    return dict(refused.most_common())


def allowing_line(hosts: Iterable[str]) -> str:
    """The line of the shop's file that names the first MOST_NAMED hosts."""
    return f"private_hosts = [{', '.join(map(json.dumps, islice(hosts, MOST_NAMED)))}]"


def refusal(host: str) -> str:
    """Why a photo of this host is not had."""
    return f"a host of a private network, {_asked_only((host,))}"


def refusals(refused: Mapping[str, int]) -> str | None:
    """A sentence about the `refused_hosts`; None where there are none."""
    if not refused:
        return None
    where = [
        f"{count:,} {'product has' if count == 1 else 'products have'} photos on {host}"
        for host, count in islice(refused.items(), MOST_NAMED)
    ]
    if len(refused) > MOST_NAMED:
        where.append(f"others have some on {len(refused) - MOST_NAMED:,} more hosts")
    which = "a host of a private network" if len(refused) == 1 else "hosts of a private network"
    return f"{', '.join(where)}: {which}, {_asked_only(refused)}."


def _asked_only(hosts: Collection[str]) -> str:
    is_one = len(hosts) == 1
    return (
        f"which {'is' if is_one else 'are'} asked only where `{allowing_line(hosts)}` in [photos] of the shop's file "
        f"says that {'it is' if is_one else 'they are'} yours"
    )


def _is_private(name: str) -> bool:
    try:
        return not is_public(str(ip_address(name)))
    except ValueError:
        return "." not in name or name.endswith(tuple(f".{ending}" for ending in _PRIVATE_ENDINGS))
