"""Hosts of private networks, told by their names alone, and how they are allowed."""

import socket
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.fetching.hosts import is_public
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.private_hosts import (
    MOST_NAMED,
    allowing_line,
    private_host,
    refusal,
    refusals,
    refused_hosts,
)


@pytest.fixture(autouse=True)
def no_names_resolved(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a name was resolved"))


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://127.0.0.1:8000/1.jpg", "127.0.0.1:8000"),
        ("http://10.0.0.5/a/b.png?x=1", "10.0.0.5:80"),
        ("https://192.168.178.20/1.jpg", "192.168.178.20:443"),
        ("http://172.31.0.9", "172.31.0.9:80"),
        ("http://169.254.169.254/latest", "169.254.169.254:80"),
        ("http://[::1]:81/1.jpg", "[::1]:81"),
        ("http://[fd00::5]/1.jpg", "[fd00::5]:80"),
        ("http://0.0.0.0:9/1.jpg", "0.0.0.0:9"),
        ("HTTP://LocalHost/1.jpg", "localhost:80"),
        ("http://photos.localhost:3000/1.jpg", "photos.localhost:3000"),
        ("http://nas/1.jpg", "nas:80"),
        ("http://NAS.local/1.jpg", "nas.local:80"),
        ("http://nas.local./1.jpg", "nas.local:80"),
        ("https://bilder.shop.lan:8443/1.jpg", "bilder.shop.lan:8443"),
        ("http://pim.internal/1.jpg", "pim.internal:80"),
        ("http://printer.home.arpa/1.jpg", "printer.home.arpa:80"),
    ],
)
def test_an_address_of_a_private_network_is_told_by_its_host(address, host):
    assert private_host(address) == host


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example.com/1.jpg",
        "http://93.184.216.34:8000/1.jpg",
        "http://[2606:4700::1111]/1.jpg",
        "https://local.example.com/1.jpg",
        "https://thelocal.de/1.jpg",
        "https://mylan.com/1.jpg",
        "http://user@10.0.0.5/1.jpg",
        "ftp://10.0.0.5/1.jpg",
        "http:///1.jpg",
        "no address",
    ],
)
def test_other_addresses_are_not(address):
    assert private_host(address) is None


@given(st.ip_addresses().filter(lambda address: "%" not in str(address)), st.integers(1, 65_535))
def test_a_literal_ip_address_is_private_exactly_where_a_fetch_refuses_it(address, port):
    literal = f"[{address}]" if address.version == 6 else str(address)
    assert (private_host(f"http://{literal}:{port}/1.jpg") is None) == is_public(str(address))


PRODUCTS = {"nas.local:80": 2, "127.0.0.1:8000": 7, "nas.local:443": 1, "[::1]:81": 1}


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        ({}, {"127.0.0.1:8000": 7, "nas.local": 3, "[::1]:81": 1}),
        ({"private_hosts": ["127.0.0.1:8000"]}, {"nas.local": 3, "[::1]:81": 1}),
        ({"private_hosts": ["127.0.0.1", "nas.local", "[::1]"]}, {}),
        ({"private_hosts": ["127.0.0.1:8001", "[::1]:81"]}, {"127.0.0.1:8000": 7, "nas.local": 3}),
        ({"private_hosts": ["nas.local:443"]}, {"127.0.0.1:8000": 7, "nas.local": 2, "[::1]:81": 1}),
        ({"allowed_hosts": ["nas.local", "cdn.example"]}, {"nas.local": 3}),
    ],
)
def test_hosts_that_no_one_named_are_refused(limits, refused):
    found = refused_hosts(PRODUCTS, FetchLimits(**{name: frozenset(hosts) for name, hosts in limits.items()}))
    assert found == refused and [*found] == [*refused]


def test_the_line_that_is_named_allows_them():
    refused = refused_hosts(PRODUCTS, FetchLimits())
    allowed = frozenset(tomllib.loads(allowing_line(refused))["private_hosts"])
    assert refused_hosts(PRODUCTS, FetchLimits(private_hosts=allowed)) == {}


def test_what_is_refused_is_one_sentence_with_the_line_that_allows_it():
    assert refusals({}) is None
    assert refusals({"nas.local": 1}) == (
        "1 product has photos on nas.local: a host of a private network, which is asked only where "
        '`private_hosts = ["nas.local"]` in [photos] of the shop\'s file says that it is yours.'
    )
    assert refusals({"10.0.0.5": 1200, "nas.local": 1}) == (
        "1,200 products have photos on 10.0.0.5, 1 product has photos on nas.local: hosts of a private network, which "
        'are asked only where `private_hosts = ["10.0.0.5", "nas.local"]` in [photos] of the shop\'s file says that '
        "they are yours."
    )
    assert refusal("nas.local") in str(refusals({"nas.local": 1}))


def test_a_sentence_names_some_of_very_many_hosts():
    sentence = str(refusals({f"10.0.0.{number}": 1 for number in range(MOST_NAMED + 2)}))
    assert f"10.0.0.{MOST_NAMED - 1}," in sentence and f"10.0.0.{MOST_NAMED} " not in sentence
    assert "others have some on 2 more hosts" in sentence
