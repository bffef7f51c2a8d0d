"""`fashion alerts`: looking sends nothing, sending is one pass, and a channel that fails is told by the exit code."""

import json

import pytest
from dagster import DagsterEvent, DagsterEventType, DagsterRun
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.errors import SettingsError
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.settings import load_settings
from fashion_assets_tests.fakes.receivers import Webhook, serving

TITLE = "batch_00001: run failed"


@pytest.fixture
def webhook(monkeypatch):
    with serving(Webhook()) as server:
        monkeypatch.setenv("FASHION_ALERTS", server.url("s3cr3t"))
        yield server


def fashion(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["alerts", *arguments])
    assert result.exit_code == code, result.output
    assert "s3cr3t" not in result.output
    return result.stdout


def fail_a_run() -> None:
    with open_instance(load_settings().dagster_home) as instance:
        run = instance.add_run(DagsterRun(job_name="batch_pipeline", tags={"dagster/partition": "batch_00001"}))
        event = DagsterEvent(DagsterEventType.RUN_FAILURE.value, "batch_pipeline", message="Out of luck.")
        instance.report_dagster_event(event, run.run_id)


def test_looking_counts_events_in_and_sends_nothing_and_sending_sends_once(webhook):
    fashion("send")
    fail_a_run()
    for _ in range(2):
        overview = json.loads(fashion("--json"))
        assert [alert["title"] for alert in overview["open"]] == [TITLE]
        assert [(message["title"], message["tries"]) for message in overview["undelivered"]] == [(TITLE, 0)]
        assert overview["channels"][0].startswith("JSON ")
    assert webhook.requests == []
    assert f"{TITLE}" in fashion("send")
    assert json.loads(fashion("send", "--json")) == {"new_messages": 0, "sent": [], "failed": []}
    assert webhook.titles() == [TITLE]
    assert "Out of luck." in webhook.taken[0]["message"]
    shown = fashion()
    assert TITLE in shown
    assert "Not sent yet" not in shown


def test_a_failing_channel_sets_the_exit_code_and_is_shown_with_its_next_try(webhook):
    fashion("send")
    fail_a_run()
    webhook.fail_first, webhook.status = 2, 403
    failed = json.loads(fashion("send", "--json", code=2))["failed"]
    assert [(message["title"], message["error"]) for message in failed] == [
        (TITLE, "the server answered 403 (Forbidden)")
    ]
    shown = fashion()
    assert "Not sent yet" in shown
    assert "answered 403" in shown
    assert "answered 403 (Forbidden)" in fashion("test", code=2)


def test_the_test_message_reaches_every_channel_and_is_no_alert(webhook):
    assert "works" in fashion("test")
    assert webhook.titles() == ["fashion_assets: test"]
    assert json.loads(fashion("--json"))["open"] == []


def test_without_a_channel_nothing_is_sent_but_alerts_are_shown():
    fail_a_run()
    assert "New messages: 1. Sent: 0" in fashion("send")
    shown = fashion()
    assert TITLE in shown
    assert "FASHION_ALERTS names no channel" in shown
    assert isinstance(CliRunner().invoke(app, ["alerts", "test"]).exception, SettingsError)
