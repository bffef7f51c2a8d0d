"""Real channels, against servers on loopback: what arrives, and that passwords reach only their own server."""

import sys

import pytest

from fashion_assets.alerts.channels import parse_channels
from fashion_assets.errors import SettingsError
from fashion_assets_tests.fakes.receivers import MailServer, Webhook, serving

MESSAGE = ("batch_00001: watches_are_metal failed", "40.0% < 70.0%\nMessage id: 0a1b", "failed", "0a1b")
PASSWORD = "s3cr3t-p4ss"


def mail_url(port: int, password: str = "right") -> str:
    return f"mailto://me:{password}@127.0.0.1:{port}?from=me@example.org&to=a@example.org,b@example.org"


@pytest.fixture
def connections(monkeypatch):
    """Every address that this process connects to."""
    addresses = []
    is_on = [True]

    def watch(event, arguments):
        if is_on and event == "socket.connect":
            addresses.append(arguments[1])

    sys.addaudithook(watch)  # stays for good, and is silent afterwards
    yield addresses
    is_on.clear()


@pytest.mark.parametrize(
    ("addresses", "names"),
    [
        ("", []),
        ("  ", []),
        ("json://a/x", ["JSON"]),
        ("json://a/x,json://b/x", ["JSON", "JSON"]),
        ("json://a/x, json://b/x\n", ["JSON", "JSON"]),
        ("json://a/x json://a/x", ["JSON"]),
        ("slack://AAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc/#ops", ["Slack"]),
        (f"{mail_url(25)},xmls://b/x,", ["E-Mail", "XML"]),
    ],
)
def test_addresses_are_separated_by_commas_and_spaces(addresses, names):
    channels = parse_channels(addresses)
    assert [channel.name.split(" ")[0] for channel in channels] == names
    assert all(channel.fingerprint in channel.name for channel in channels)


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (f"json://ok/x,nonsense://user:{PASSWORD}@host", "Address 2 in FASHION_ALERTS, which starts with nonsense://"),
        (f"https://host/{PASSWORD}", "Address 1 in FASHION_ALERTS, which starts with https://"),
        (PASSWORD, "Address 1 in FASHION_ALERTS is not one"),
        (f"slack://{PASSWORD}", "starts with slack://"),
    ],
)
def test_an_address_that_is_not_understood_is_one_error_without_its_password(addresses, words, capfd, caplog):
    with pytest.raises(SettingsError, match=words) as error:
        parse_channels(addresses)
    assert PASSWORD not in "".join([str(error.value), *capfd.readouterr(), caplog.text])


def test_a_webhook_gets_the_message_with_its_id_and_nothing_else_is_connected_to(connections, capfd, caplog):
    with serving(Webhook()) as webhook:
        (channel,) = parse_channels(webhook.url(f"hook/{PASSWORD}?-who=ops"))
        assert channel.send(*MESSAGE) is None
    (request,) = webhook.taken
    assert (request["title"], request["message"], request["type"]) == (MESSAGE[0], MESSAGE[1], "failure")
    assert request["headers"]["Idempotency-Key"] == "0a1b"
    assert request["path"] == f"/hook/{PASSWORD}?who=ops"
    assert set(connections) == {("127.0.0.1", webhook.server_port)}
    assert [*capfd.readouterr(), caplog.text] == ["", "", ""]


@pytest.mark.parametrize(("kind", "expected"), [("failed", "failure"), ("recovered", "success"), ("test", "info")])
def test_the_kind_of_a_message_is_sent(kind, expected):
    with serving(Webhook()) as webhook:
        (channel,) = parse_channels(webhook.url())
        assert channel.send("title", "body", kind, "1") is None
    assert webhook.taken[0]["type"] == expected


def test_mail_reaches_every_recipient_with_the_id_as_a_header(connections, capfd):
    with serving(MailServer()) as server:
        (channel,) = parse_channels(mail_url(server.port))
        assert channel.send(*MESSAGE) is None
    assert sorted(recipients for recipients, _ in server.mails) == [["a@example.org"], ["b@example.org"]]
    _, mail = server.mails[0]
    assert (mail["Subject"], mail["Idempotency-Key"]) == (MESSAGE[0], "0a1b")
    assert "Message id: 0a1b" in mail.as_string()
    assert set(connections) == {("127.0.0.1", server.port)}
    assert [*capfd.readouterr()] == ["", ""]


@pytest.mark.parametrize(
    ("status", "words"), [(503, "answered 503 (Service Unavailable)"), (401, "answered 401"), (599, "answered 599")]
)
def test_a_refusal_is_reported_without_the_address(status, words, capfd, caplog):
    caplog.set_level("DEBUG")
    with serving(Webhook(fail_first=1, status=status)) as webhook:
        (channel,) = parse_channels(webhook.url(f"hook/{PASSWORD}", f"me:{PASSWORD}@"))
        error = channel.send(*MESSAGE)
    assert error is not None and words in error
    assert PASSWORD not in "".join([error, repr(channel), *capfd.readouterr(), caplog.text])
    assert webhook.requests[0]["path"] == f"/hook/{PASSWORD}"


def test_a_refused_login_is_reported_without_the_password_that_the_server_repeats(capfd, caplog):
    caplog.set_level("DEBUG")
    with serving(MailServer()) as server:
        (channel,) = parse_channels(mail_url(server.port, PASSWORD))
        error = channel.send(*MESSAGE)
    assert error == "the mail server answered 535"
    assert server.mails == []
    assert PASSWORD not in "".join([*capfd.readouterr(), caplog.text])


@pytest.mark.parametrize("url", [lambda port: f"json://me:{PASSWORD}@127.0.0.1:{port}/x", lambda port: mail_url(port)])
def test_an_unreachable_server_is_reported(url):
    with serving(Webhook()) as gone:
        port = gone.server_port
    (channel,) = parse_channels(url(port))
    assert channel.send(*MESSAGE) == "the connection was refused"
