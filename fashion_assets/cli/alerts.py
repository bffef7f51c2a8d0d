"""`fashion alerts`: what is failing now, what has yet to be sent, and sending without the daemon."""

import json
from datetime import UTC, datetime
from typing import Annotated

import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.alerts.deliveries import undelivered
from fashion_assets.alerts.messages import FAILED
from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.sending import send_alerts, unwritten_messages
from fashion_assets.alerts.tables import ALERT_DELIVERIES, latest_messages, messages_frame, read_outbox
from fashion_assets.automation.resources import build_resources
from fashion_assets.cli.console import errors, output
from fashion_assets.errors import SettingsError
from fashion_assets.orchestration.instance import open_instance
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore

NOT_SENT = 2
"""Exit code when a channel did not take a message."""

_PATIENCE_SECONDS = 30
"""For another process that is sending."""

_JSON = typer.Option("--json", help="Print one JSON object.")

app = typer.Typer()


@app.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """Show open alerts and the messages that are still to be sent, or send them with `fashion alerts send`.

    The sensor `alerts` sends by itself while `fashion ui` (or a Dagster daemon) runs. Nothing is sent by looking.

    Examples: `fashion alerts`, `fashion alerts --json`
    """
    if context.invoked_subcommand is not None:
        return
    found = collect_alerts(load_settings())
    if as_json:
        output.print_json(json.dumps(found, default=str))
        return
    if not found["open"]:
        output.print("No alert is open.")
    for alert in found["open"]:
        output.print(f"[red]{escape(alert['title'])}[/] since {alert['since']:%Y-%m-%d %H:%M} UTC, {alert['run']}")
    if not found["channels"]:
        output.print("FASHION_ALERTS names no channel, so nothing is sent.")
    if found["undelivered"]:
        output.print(_undelivered_table(found["undelivered"]))


@app.command()
def send(as_json: Annotated[bool, _JSON] = False) -> None:
    """Send what is due now, once: for cron, where no daemon runs.

    Example: `fashion alerts send`
    """
    settings = load_settings()
    with open_instance(settings.dagster_home) as instance:
        done = send_alerts(
            instance, TableStore(settings.tables_uri), _alerting(settings), wait_seconds=_PATIENCE_SECONDS
        )
    sent = [delivery for delivery in done.deliveries if delivery.error is None]
    failed = [delivery for delivery in done.deliveries if delivery.error is not None]
    if as_json:
        tried = {"sent": sent, "failed": failed}
        rows = {name: [vars(delivery) for delivery in deliveries] for name, deliveries in tried.items()}
        output.print_json(json.dumps({"new_messages": len(done.messages), **rows}))
    else:
        for delivery in sent:
            output.print(f"sent to {delivery.channel}: {delivery.title}", markup=False, highlight=False)
        for delivery in failed:
            line = f"not sent to {delivery.channel}: {delivery.title}: {delivery.error}; it is tried again later"
            errors.print(line, markup=False, highlight=False)
        output.print(done.in_words())
    if failed:
        raise typer.Exit(NOT_SENT)


@app.command()
def test() -> None:
    """Send a test message to every channel, and tell which took it.

    Example: `fashion alerts test`
    """
    channels = _alerting(load_settings()).channels()
    if not channels:
        raise SettingsError(
            value="FASHION_ALERTS names no channel",
            rule="a test needs one",
            remedy="set it to apprise URLs, as `json://host/path` for a webhook",
        )
    message_id = f"test-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    body = f"This is a test of fashion_assets' alerts; nothing has failed.\nMessage id: {message_id}"
    problems = {channel.name: channel.send("fashion_assets: test", body, "test", message_id) for channel in channels}
    for name, problem in problems.items():
        output.print(f"{name}: {problem or 'works'}", markup=False, highlight=False)
    if any(problems.values()):
        raise typer.Exit(NOT_SENT)


def collect_alerts(settings: Settings) -> dict:
    """What `fashion alerts --json` prints; events that no pass has read yet are counted in."""
    store, alerting, now = TableStore(settings.tables_uri), _alerting(settings), datetime.now(UTC)
    with open_instance(settings.dagster_home) as instance:
        unwritten = unwritten_messages(instance, store, alerting, now)
    outbox = pl.concat([read_outbox(store), messages_frame(unwritten)])
    deliveries = store.read(ALERT_DELIVERIES)
    latest = sorted(latest_messages(outbox).values(), key=lambda message: message.number)
    return {
        "open": [
            {
                "batch": one.batch,
                "subject": one.subject,
                "title": one.title,
                "since": one.created_at,
                "run": one.run_link,
            }
            for one in latest
            if one.kind == FAILED
        ],
        "channels": [channel.name for channel in alerting.channels()],
        "undelivered": [
            {"channel": channel.name, **row}
            for channel in alerting.channels()
            for row in undelivered(outbox, deliveries, channel.fingerprint)
            .select("title", "message_id", "tries", "error", "next_try")
            .iter_rows(named=True)
        ],
    }


def _alerting(settings: Settings) -> AlertsResource:
    return build_resources(settings).alerting


def _undelivered_table(messages: list[dict]) -> Table:
    table = Table("channel", "message", "tries", "last error", "next try (UTC)", title="Not sent yet")
    table.title_justify = "left"
    for message in messages:
        next_try = message["next_try"]
        table.add_row(
            message["channel"],
            escape(message["title"]),
            str(message["tries"]),
            message["error"] or "",
            f"{next_try:%Y-%m-%d %H:%M:%S}" if next_try else "in the next pass",
        )
    return table
