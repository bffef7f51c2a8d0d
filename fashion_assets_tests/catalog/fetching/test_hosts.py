import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.fetching.addresses import read_address
from fashion_assets.catalog.fetching.hosts import Hosts, is_public
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import FetchFailed, Kind
from fashion_assets.errors import SettingsError

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
]
PUBLIC += ["192.169.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_the_internets_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_the_internets_is_allowed(address):
    assert is_public(address)


@given(st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"]), st.data())
def test_no_spelling_of_a_private_address_gets_through(network, data):
    low, high = ipaddress.ip_network(network)[0], ipaddress.ip_network(network)[-1]
    address = ipaddress.IPv4Address(data.draw(st.integers(int(low), int(high))))
    number, parts = int(address), address.packed
    spellings = [
        str(address),
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{parts[0]:02x}{parts[1]:02x}:{parts[2]:02x}{parts[3]:02x}::]",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0x{part:x}" for part in parts),
        ".".join(f"0{part:o}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
    ]
    for host in spellings:
        read = read_address(f"http://{host}/a.jpg")
        assert read.problem or not is_public(read.host.strip("[]"))


def refusal(hosts: Hosts, host: str, port: int = 443) -> tuple[Kind, str]:
    with pytest.raises(FetchFailed) as refused:
        hosts.checked_addresses(host, port)
    return refused.value.failure.kind, refused.value.failure.problem


@pytest.mark.parametrize("address", [*PRIVATE, "93.184.216.34 10.0.0.1", "10.0.0.1 93.184.216.34"])
def test_a_name_of_a_private_address_is_refused(resolver, address):
    hosts = Hosts(FetchLimits(), resolver({"shop.example": address}))
    assert refusal(hosts, "shop.example") == (Kind.LIMITED, "an address of a private network")


def test_a_public_name_leads_to_its_addresses(resolver):
    hosts = Hosts(FetchLimits(), resolver({"shop.example": "93.184.216.34 2606:4700::1111"}))
    assert hosts.checked_addresses("shop.example", 443) == ["93.184.216.34", "2606:4700::1111"]


def test_a_name_without_an_address_may_have_some_later(resolver):
    assert refusal(Hosts(FetchLimits(), resolver({})), "shop.example") == (
        Kind.PASSES,
        "the host's name cannot be resolved",
    )


@pytest.mark.parametrize(
    ("private", "host", "port", "is_allowed"),
    [
        ({"pim.local"}, "pim.local", 80, True),
        ({"pim.local"}, "pim.local", 8080, True),
        ({"pim.local:8080"}, "pim.local", 8080, True),
        ({"pim.local:8080"}, "pim.local", 80, False),
        ({"10.0.0.1"}, "pim.local", 80, False),
        ({"10.0.0.1"}, "10.0.0.1", 80, True),
        ({"[::1]:81"}, "::1", 81, True),
        ({"[::1]:81"}, "::1", 80, False),
    ],
)
def test_a_private_host_is_asked_where_the_shop_names_it(resolver, private, host, port, is_allowed):
    hosts = Hosts(FetchLimits(private_hosts=frozenset(private)), resolver({"pim.local": "10.0.0.1"}))
    if is_allowed:
        assert hosts.checked_addresses(host, port)
    else:
        assert refusal(hosts, host, port)[0] is Kind.LIMITED


def test_only_allowed_hosts_are_asked_or_even_looked_up(resolver):
    limits = FetchLimits(allowed_hosts=frozenset({"CDN.shop.example"}))
    hosts = Hosts(limits, resolver({"cdn.shop.example": "93.184.216.34"}))
    assert hosts.checked_addresses("cdn.shop.example", 443)
    assert refusal(hosts, "shop.example") == (Kind.LIMITED, "a host that is not one of the allowed ones")


def test_to_be_allowed_is_not_to_be_private(resolver):
    limits = FetchLimits(allowed_hosts=frozenset({"shop.example"}))
    assert refusal(Hosts(limits, resolver({"shop.example": "10.0.0.1"})), "shop.example")[1].startswith("an address of")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"at_once": 0}, "The limit at_once of the fetch of photos is 0, but it must be more than 0"),
        ({"tries": -1}, "The limit tries .* is -1"),
        ({"revalidate_after_seconds": -1}, "it must be 0 or more"),
        ({"allowed_hosts": {"https://shop.example"}}, "'https://shop.example' in allowed_hosts is not a host"),
        ({"private_hosts": {"10.0.0.0/8"}}, "'10.0.0.0/8' in private_hosts is not a host"),
    ],
)
def test_limits_that_cannot_work_are_refused(limits, message):
    with pytest.raises(SettingsError, match=message):
        FetchLimits(**limits)
