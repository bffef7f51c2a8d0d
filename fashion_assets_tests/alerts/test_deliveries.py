"""What is sent to which channel and when, with real webhooks on loopback that are down for a while."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fashion_assets.alerts.channels import parse_channels
from fashion_assets.alerts.deliveries import MOST_PER_PASS, deliver, undelivered
from fashion_assets.alerts.tables import ALERT_DELIVERIES, SENT, read_outbox, record_messages
from fashion_assets_tests.factories.alert_events import WATCHES, read
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.fakes.receivers import Webhook, serving


class Alerts:
    """A store's outbox, filled by events, and passes of delivery at a time of one's choice."""

    def __init__(self, store, *urls):
        self.store, self.urls = store, urls
        self.outbox, self.events = [], 0

    def happen(self, letters: str, batch: str = "batch_00001") -> None:
        """F: the check fails; P: it passes."""
        events = [
            replace(WATCHES, batch=batch, passed=letter == "P", event_id=self.events + number)
            for number, letter in enumerate(letters, 1)
        ]
        self.events += len(events)
        before = len(self.outbox)
        self.outbox = read(events, self.outbox)
        record_messages(self.store, self.outbox[before:])

    def pass_(self, seconds: float = 0) -> list[tuple[str, bool]]:
        """A pass so many seconds after NOW: titles, and whether they were accepted."""
        channels = parse_channels(" ".join(self.urls))
        now = NOW + timedelta(seconds=seconds)
        return [(delivery.title, delivery.error is None) for delivery in deliver(self.store, channels, lambda: now)]


FAILED, RECOVERED = "batch_00001: watches_are_metal failed", "batch_00001: watches_are_metal recovered"


def test_a_message_is_sent_once(store):
    with serving(Webhook()) as webhook:
        alerts = Alerts(store, webhook.url())
        assert alerts.pass_() == []
        alerts.happen("F")
        assert alerts.pass_() == [(FAILED, True)]
        assert alerts.pass_(1000) == []
    assert [request["headers"]["Idempotency-Key"] for request in webhook.taken] == [alerts.outbox[0].message_id]


def test_a_channel_that_is_down_for_three_tries_gets_its_messages_later_in_order(store):
    with serving(Webhook(fail_first=3)) as webhook:
        alerts = Alerts(store, webhook.url())
        alerts.pass_()
        alerts.happen("F")
        assert alerts.pass_(0) == [(FAILED, False)]
        assert alerts.pass_(29) == []
        alerts.happen("P")
        assert alerts.pass_(30) == [(FAILED, False)]
        assert alerts.pass_(30 + 59) == []
        assert alerts.pass_(30 + 60) == [(FAILED, False)]
        assert alerts.pass_(90 + 119) == []
        assert alerts.pass_(90 + 120) == [(FAILED, True), (RECOVERED, True)]
        assert alerts.pass_(10_000) == []
    assert webhook.titles() == [FAILED, RECOVERED]
    assert len(webhook.requests) == 5
    assert len({request["headers"]["Idempotency-Key"] for request in webhook.requests}) == 2


def test_the_pause_between_two_tries_never_exceeds_an_hour(store):
    with serving(Webhook()) as gone:
        url = gone.url()
    alerts, seconds = Alerts(store, url), 0
    alerts.pass_()
    alerts.happen("F")
    pauses = []
    for _ in range(14):
        assert alerts.pass_(seconds) == [(FAILED, False)]
        (row,) = undelivered(read_outbox(store), store.read(ALERT_DELIVERIES), parse_channels(url)[0].fingerprint).rows(
            named=True
        )
        pauses.append((row["next_try"] - NOW).total_seconds() - seconds)
        seconds += pauses[-1]
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, *[3600] * 7]


def test_each_channel_has_a_state_of_its_own(store):
    with serving(Webhook(fail_first=1)) as slow, serving(Webhook()) as quick:
        alerts = Alerts(store, slow.url(), quick.url())
        alerts.pass_()
        alerts.happen("F")
        assert alerts.pass_() == [(FAILED, False), (FAILED, True)]
        assert alerts.pass_(30) == [(FAILED, True)]
        alerts.happen("P")
        assert alerts.pass_(60) == [(RECOVERED, True)] * 2
    assert slow.titles() == quick.titles() == [FAILED, RECOVERED]


def test_a_new_channel_gets_what_is_open_and_no_history(store):
    with serving(Webhook()) as old, serving(Webhook()) as new:
        alerts = Alerts(store, old.url())
        alerts.pass_()
        alerts.happen("FPF")
        alerts.happen("FP", "batch_00002")
        alerts.pass_()
        alerts.urls = (old.url(), new.url())
        alerts.pass_()
        assert new.titles() == [FAILED]
        alerts.happen("PFP")
        alerts.pass_()
        alerts.happen("F", "batch_00002")
        alerts.pass_()
    assert new.titles() == [FAILED, RECOVERED, FAILED, RECOVERED, "batch_00002: watches_are_metal failed"]
    assert len(old.titles()) == 9


def test_what_was_open_when_a_channel_joined_reaches_it_though_it_recovers_first(store):
    with serving(Webhook(fail_first=1)) as webhook:
        alerts = Alerts(store, webhook.url())
        alerts.happen("F")
        assert alerts.pass_() == [(FAILED, False)]
        alerts.happen("P")
        assert alerts.pass_(30) == [(FAILED, True), (RECOVERED, True)]


def test_a_message_that_is_never_accepted_delays_no_other(store):
    with serving(Webhook(refuses="/runs/poison")) as webhook:
        alerts = Alerts(store, webhook.url())
        alerts.pass_()
        alerts.outbox = read([replace(WATCHES, event_id=1, run_id="poison")], [])
        record_messages(store, alerts.outbox)
        alerts.events = 1
        alerts.happen("F", "batch_00002")
        assert alerts.pass_() == [(FAILED, False)]
        assert alerts.pass_(30) == [("batch_00002: watches_are_metal failed", True), (FAILED, False)]


def test_one_pass_sends_a_bounded_number_and_the_next_continues(store):
    with serving(Webhook()) as webhook:
        alerts = Alerts(store, webhook.url())
        alerts.pass_()
        for number in range(MOST_PER_PASS + 1):
            alerts.happen("F", f"batch_{number:05d}")
        assert len(alerts.pass_()) == MOST_PER_PASS
        assert len(alerts.pass_()) == 1
    assert len(set(webhook.titles())) == MOST_PER_PASS + 1


@pytest.mark.parametrize("user", ["", "me:s3cr3t@"])
def test_the_tables_hold_no_address_and_no_password(store, user):
    with serving(Webhook(fail_first=1)) as webhook:
        alerts = Alerts(store, webhook.url("hook/t0k3n", user))
        alerts.pass_()
        alerts.happen("F")
        alerts.pass_()
        alerts.pass_(30)
    rows = str(store.read(ALERT_DELIVERIES).to_dicts()) + str(read_outbox(store).to_dicts())
    assert SENT in rows
    assert not [secret for secret in ("s3cr3t", "t0k3n", "127.0.0.1:") if secret in rows]
