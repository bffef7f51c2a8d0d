"""Web addresses of photos as shops write them, in the form in which they are asked for."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}

_NO_ADDRESS = "not a web address"
_LONGEST_ADDRESS = 8_000
"""Characters; RFC 9110, section 4.1: that many should be supported."""
_SAFE_IN_PATH = "%/:@!$&'()*+,;=~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"
_HOST_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Address(NamedTuple):
    """An address: `host` has the port if it is not that of the scheme, and IPv6 addresses in brackets.

    If it cannot be asked for, `problem` says why, `text` is as it was given, but for a password, and `host` is empty.
    """

    text: str
    host: str = ""
    problem: str | None = None


def read_address(text: str) -> Address:
    """The address as it is asked for: percent-encoded, without fragment; `//host/photo` becomes https.

    Two spellings of the same address become equal, and what this gives, it gives for itself too.
    """
    given = text.strip()
    before, mark, query = re.sub(r"[\t\r\n]", "", given).partition("?")
    address = before.replace("\\", "/") + mark + query  # as browsers do
    try:
        return _read(given, f"https:{address}" if address.startswith("//") else address)
    except ValueError:  # of ports, IP addresses, names in other scripts, and characters that are no text
        return Address(given, problem=_NO_ADDRESS)


def _read(given: str, address: str) -> Address:
    parts = urlsplit(address)
    if "@" in parts.netloc:
        return Address(re.sub(r"//[^/?#]*@", "//***@", address), problem="an address with a user or a password")
    if parts.scheme not in DEFAULT_PORTS:
        return Address(given, problem="not an http or https address")
    if len(address) > _LONGEST_ADDRESS:
        return Address(given[:100] + "...", problem="an address that is too long")
    host = _host_with_port(parts.hostname or "", parts.port, DEFAULT_PORTS[parts.scheme])
    if host is None:
        return Address(given, problem=_NO_ADDRESS)
    path = quote(_LONE_PERCENT.sub("%25", parts.path), _SAFE_IN_PATH)
    query = quote(_LONE_PERCENT.sub("%25", parts.query), _SAFE_IN_QUERY)
    return Address(urlunsplit((parts.scheme, host, path or "/", query, "")), host)


def read_host(text: str) -> str | None:
    """A host as `Address.host` has it, from `shop.example` or `shop.example:8080`; None if it is none."""
    try:
        parts = urlsplit(f"//{text.strip()}")
        if parts.netloc != text.strip() or "@" in parts.netloc:
            return None
        return _host_with_port(parts.hostname or "", parts.port, None)
    except ValueError:
        return None


def _host_with_port(name: str, port: int | None, default: int | None) -> str | None:
    """None for what is no host; raises ValueError too for some of it."""
    host = _host(name)
    if host is None or port == 0:
        return None
    return host if port in (None, default) else f"{host}:{port}"


@lru_cache(maxsize=1024)
def _host(name: str) -> str | None:
    """Numbers are an IP address only in its plain form: some programs read 0x7f.1 and 2130706433 as 127.0.0.1."""
    if ":" in name:  # a network interface after "%" means nothing to others
        return None if "%" in name else f"[{IPv6Address(name).compressed}]"
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    name = name.removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        return None
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return str(IPv4Address(name))
    return name
