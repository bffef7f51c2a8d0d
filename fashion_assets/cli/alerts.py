"""`fashion alerts`: what is failing now, what has not been sent yet, and sending without the daemon."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import errors, output, print_json
from fashion_assets.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from fashion_assets.app.alerts import UndeliveredMessage

NOT_SENT = ExitCode.REFUSED
"""Exit code when a channel did not accept a message."""

_JSON = typer.Option("--json", help="Print one JSON object.")

app = typer.Typer()


@app.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: Annotated[bool, _JSON] = False) -> None:
    """Show open alerts and the messages that have not been sent yet; `fashion alerts send` sends them.

    The sensor `alerts` sends messages while `fashion ui` (or a Dagster daemon) runs. This command sends nothing.

    Examples: `fashion alerts`, `fashion alerts --json`
    """
    if context.invoked_subcommand is not None:
        return
    overview = Shop.open().alerts.overview()
    if as_json:
        print_json(overview)
        return
    if not overview.open:
        output.print("No alert is open.")
    for alert in overview.open:
        output.print(f"[red]{escape(alert.title)}[/] since {alert.since:%Y-%m-%d %H:%M} UTC, {alert.run}")
    if not overview.channels:
        output.print("FASHION_ALERTS names no channel, so nothing is sent.")
    if overview.undelivered:
        output.print(_undelivered_table(overview.undelivered))


@app.command()
def send(as_json: Annotated[bool, _JSON] = False) -> None:
    """Send the messages that are due now, once: for cron, where no daemon runs.

    Example: `fashion alerts send`
    """
    result = Shop.open().alerts.send()
    if as_json:
        print_json(result)
    else:
        for delivery in result.sent:
            output.print(f"sent to {delivery.channel}: {delivery.title}", markup=False, highlight=False)
        for delivery in result.failed:
            line = f"not sent to {delivery.channel}: {delivery.title}: {delivery.error}; it will be tried again"
            errors.print(line, markup=False, highlight=False)
        output.print(result.in_words())
    if result.failed:
        raise typer.Exit(NOT_SENT)


@app.command()
def test() -> None:
    """Send a test message to every channel, and report which accepted it.

    Example: `fashion alerts test`
    """
    problems = Shop.open().alerts.test()
    for name, problem in problems.items():
        output.print(f"{name}: {problem or 'works'}", markup=False, highlight=False)
    if any(problems.values()):
        raise typer.Exit(NOT_SENT)


def _undelivered_table(messages: "Iterable[UndeliveredMessage]") -> Table:
    table = Table("channel", "message", "tries", "last error", "next try (UTC)", title="Not sent yet")
    table.title_justify = "left"
    for message in messages:
        next_try = f"{message.next_try:%Y-%m-%d %H:%M:%S}" if message.next_try else "in the next pass"
        table.add_row(message.channel, escape(message.title), str(message.tries), message.error or "", next_try)
    return table
