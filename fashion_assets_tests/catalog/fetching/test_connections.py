"""Where connections lead: to the addresses that were checked, and over TLS to whom the certificate names."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fashion_assets.catalog.fetching.private_hosts import refusal
from fashion_assets_tests.fakes.photo_server import PhotoServer, photo, serving

SHOP = "shop.example"


def named(server: PhotoServer, name: str, path: str = "/photo/3", scheme: str = "http") -> str:
    return f"{scheme}://{name}:{server.server_port}{path}"


def test_a_private_server_gets_no_request(server, shop, resolver):
    names = {SHOP: "127.0.0.1", "mixed.example": "93.184.216.34 127.0.0.1", "mapped.example": "::ffff:127.0.0.1"}
    addresses = [named(server, name) for name in (*names, "127.0.0.1")]
    addresses += [named(server, "[::ffff:127.0.0.1]"), named(server, "[::1]"), named(server, "0.0.0.0")]
    report = shop.fetch(addresses, private_hosts=frozenset(), resolve=resolver(names))
    hosts = {address.removeprefix("http://").partition("/")[0] for address in addresses}
    assert {problem.reason for problem in report.failed} == {
        refusal(host.replace("::ffff:127.0.0.1", "::ffff:7f00:1")) for host in hosts
    }
    assert server.requests == []


@pytest.mark.parametrize("port", [80, 9200])
def test_a_redirect_to_another_private_host_is_refused(server, shop, resolver, port):
    """The shop's own host is named; that does not open the others."""
    server.target = f"http://intern.example:{port}/photo/3"
    address = named(server, SHOP, "/to_target/3")
    shop.fetch(
        [address],
        private_hosts=frozenset({SHOP}),
        resolve=resolver({SHOP: "127.0.0.1", "intern.example": "127.0.0.1"}),
    )
    assert shop.problem(address) == "an address of a private network"
    assert server.paths() == ["/to_target/3"]


def test_a_redirect_to_a_host_that_is_not_allowed_is_refused(server, shop):
    address = server.address("redirect", 3)
    assert shop.fetch([address], allowed_hosts=frozenset({"127.0.0.1"})).fetched == 1
    server.target = f"http://localhost:{server.server_port}/photo/3"
    shop.fetch([server.address("to_target", 3)], allowed_hosts=frozenset({"127.0.0.1"}))
    assert shop.problem(server.address("to_target", 3)) == "a host that is not one of the allowed ones"
    assert shop.fetch([server.address("to_target", 3)]).fetched == 1


def test_a_name_cannot_mean_another_address_once_it_was_checked(server, shop):
    """A name that is public when it is looked up first, and loopback from then on."""
    answers = iter(["93.184.216.34"])
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [next(answers, "127.0.0.1")]

    # Where a checked address is connected to, the tests' own guard of the network refuses that very address.
    with pytest.raises(RuntimeError, match=r"93\.184\.216\.34"), pytest.warns(UserWarning, match=r"93\.184"):
        shop.fetch([named(server, SHOP)], private_hosts=frozenset(), resolve=rebinding)
    assert asked == [SHOP]
    shop.fetch([named(server, SHOP)], private_hosts=frozenset(), resolve=rebinding)
    assert shop.problem(named(server, SHOP)) == refusal(f"{SHOP}:{server.server_port}")
    assert server.requests == []


def test_the_next_address_of_a_host_is_tried(server, shop, resolver):
    address = named(server, SHOP)
    more = {"resolve": resolver({SHOP: "::1 127.0.0.1"}), "private_hosts": frozenset({SHOP})}
    assert shop.fetch([address], **more).fetched == 1
    assert server.requests[0].headers["Host"] == f"{SHOP}:{server.server_port}"


def test_the_host_is_named_as_its_address_names_it(server, shop):
    address = named(server, "[::5]")
    more = {"resolve": lambda host, port: ["127.0.0.1"], "private_hosts": frozenset({"[::5]"})}
    assert shop.fetch([address], **more).fetched == 1
    assert server.requests[0].headers["Host"] == f"[::5]:{server.server_port}"


def test_proxies_of_the_environment_are_not_used(server, shop, monkeypatch):
    with serving(PhotoServer()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.host}")
        assert shop.fetch([server.address("photo", 3)]).fetched == 1
    assert proxy.requests == []


# over TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate of SHOP, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SHOP)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SHOP), x509.IPAddress(ip_address("10.9.8.7"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "shop.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(signed.public_bytes(pem) + private)
    return file


@pytest.fixture
def tls_server(certificate):
    """A server with that certificate; `names` are the hosts that clients said they want (SNI)."""
    server = PhotoServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.names = []
    context.sni_callback = lambda connection, name, context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with serving(server):
        yield server


@pytest.fixture
def tls(resolver) -> dict:
    """Several names lead to the server."""
    names = {SHOP: "127.0.0.1", "other.example": "127.0.0.1"}
    return {"resolve": resolver(names), "private_hosts": frozenset({*names, "127.0.0.1"})}


def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    tls_server, shop, tls, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    ours, other = (named(tls_server, name, scheme="https") for name in (SHOP, "other.example"))
    report = shop.fetch([ours, other], **tls)
    assert shop.content(ours) == photo(3)
    assert shop.problem(other).startswith("the host's certificate is not valid: Hostname mismatch")
    assert set(tls_server.names) == {SHOP, "other.example"}
    assert report.fetched == len(tls_server.requests) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused_and_not_tried_again(tls_server, shop, tls):
    address = named(tls_server, SHOP, scheme="https")
    shop.fetch([address], **tls)
    assert shop.problem(address) == "the host's certificate is not valid: self-signed certificate"
    assert (tls_server.requests, tls_server.names) == ([], [SHOP])


def test_a_server_without_tls_gets_no_request_over_https(server, shop):
    address = named(server, "127.0.0.1", scheme="https")
    shop.fetch([address])
    assert shop.problem(address) == "no encrypted connection"


@pytest.mark.parametrize("kind", ["drip", "silence"])
def test_time_limits_hold_over_tls(tls_server, shop, tls, certificate, monkeypatch, kind):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    address = named(tls_server, SHOP, f"/{kind}/3", scheme="https")
    shop.fetch([address], seconds_per_photo=1.2, **tls)
    assert shop.problem(address) == "not complete within 1.2 s"
