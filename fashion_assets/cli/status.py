"""`fashion status`: the state of the shop, its quality, and what would run."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json

if TYPE_CHECKING:
    from fashion_assets.app.status import GateStatus, Status


def status(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Show products, photos, gates, indexes and models, and which batches have changed.

    Examples: `fashion status`, `fashion status --json`
    """
    shop = Shop.open()
    current = shop.status()
    if as_json:
        print_json(current)
        return
    _print_figures(current)
    _print_plans(shop)


def gates_table(gates: "Iterable[GateStatus]") -> Table:
    """Gates by batch, with coloured results."""
    table = Table(title="Quality gates", title_justify="left")
    table.add_column("gate", overflow="fold")
    for name in ("of", "result", "value", "threshold"):
        table.add_column(name, no_wrap=True)
    colours = {"passed": "green", "warn": "yellow", "error": "red"}
    for gate in gates:
        result = "passed" if gate.passed else gate.severity
        is_share = gate.threshold is None or gate.threshold <= 1
        figures = (_figure(gate.value, is_share), _figure(gate.threshold, is_share))
        shown = f"[{colours[result]}]{result}[/]"
        table.add_row(gate.name.replace("_", " "), gate.batch or gate.asset, shown, *figures)
    return table


def _print_figures(current: "Status") -> None:
    output.print(
        f"profile {current.profile}: {current.products} products in {current.batches} batches, "
        f"{current.quarantined} rows quarantined" + (f", {current.left_out} left out" if current.left_out else "")
    )
    photos = current.photos
    output.print(
        f"photos: {photos.missing} missing, {photos.unreadable} unreadable, {photos.blank} blank, "
        f"{photos.duplicate_groups} groups of near duplicates"
    )
    rate = current.extraction_success_rate
    output.print(f"extracted: {current.extracted} products, {'-' if rate is None else f'{rate:.1%}'} with success")
    output.print(gates_table(current.gates))
    for index in current.indexes:
        output.print(f"{index.name}: {index.rows} rows, version {index.version}")
    output.print(f"models: {current.models.vlm}, {current.models.clip}")


def _figure(value: float | None, is_share: bool) -> str:
    return "-" if value is None else f"{value:.1%}" if is_share else f"{value:.1f}"


def _print_plans(shop: Shop) -> None:
    for plan in shop.batches():
        if plan.must_run:
            output.print(f"{plan.batch} would run: {', '.join(plan.reasons)}")
        if plan.verdict is not None and plan.verdict.override is not None:
            words = escape(plan.verdict.override.in_words())
            output.print(f"[yellow]{plan.batch} continues although its gates failed[/]: {words}")
        elif plan.verdict is not None and plan.is_blocked:
            output.print(f"[red]{plan.batch} is stopped by its gates[/]: {escape(' '.join(plan.verdict.reasons))}")
