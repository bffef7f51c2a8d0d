"""`fashion status`: what is there, how good it is, and what would run."""

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.pipeline import present_versions
from fashion_assets.automation.planning import plan_batches
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.cli.console import output
from fashion_assets.definitions import build_definitions
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.history import WHOLE_CATALOG, latest_judgements
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH


def status(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Show products, photos, gates, indexes and models, and which batches have changed.

    Examples: `fashion status`, `fashion status --json`
    """
    settings = load_settings()
    found = collect_status(settings)
    if as_json:
        output.print_json(json.dumps(found))
        return
    output.print(
        f"profile {found['profile']}: {found['products']} products in {found['batches']} batches, "
        f"{found['quarantined']} rows quarantined"
    )
    photos = found["photos"]
    output.print(
        f"photos: {photos['missing']} missing, {photos['unreadable']} unreadable, "
        f"{photos['duplicate_groups']} groups of near duplicates"
    )
    rate = found["extraction_success_rate"]
    output.print(f"extracted: {found['extracted']} products, {'-' if rate is None else f'{rate:.1%}'} with success")
    output.print(gates_table(found["gates"]))
    for index in found["indexes"]:
        output.print(f"{index['name']}: {index['rows']} rows, version {index['version']}")
    output.print(f"models: {found['models']['vlm']}, {found['models']['clip']}")
    _print_plans(settings)


def collect_status(settings: Settings) -> dict:
    """The figures that `fashion status --json` prints, from the tables alone."""
    store = TableStore(settings.tables_uri)
    photos = store.read(PHOTOS, columns=["status", "duplicate_group"])
    success = store.read(EXTRACTED_ATTRIBUTES, columns=["extraction_success"])["extraction_success"]
    live = live_promotion(store)
    versions = present_versions(settings)
    return {
        "profile": settings.profile,
        "products": store.count(INGESTED_PRODUCTS),
        "batches": len(store.batches(INGESTED_PRODUCTS)),
        "quarantined": store.count(QUARANTINED_ROWS),
        "photos": {
            "missing": photos.filter(status="missing").height,
            "unreadable": photos.filter(status="unreadable").height,
            "duplicate_groups": photos["duplicate_group"].drop_nulls().n_unique(),
        },
        "extracted": len(success),
        "extraction_success_rate": success.mean(),
        "gates": _gates(store),
        "indexes": [{"name": name, "rows": live["rows"], "version": live["index_version"]} for name in INDEXES]
        if live
        else [],
        "models": {"vlm": versions.vlm, "clip": versions.clip},
    }


def gates_table(gates: list[dict]) -> Table:
    """Gates by batch, worst first in colour, for the terminal."""
    table = Table(title="Quality gates", title_justify="left")
    table.add_column("gate", overflow="fold")
    for name in ("of", "result", "value", "threshold"):
        table.add_column(name, no_wrap=True)
    colours = {"passed": "green", "warn": "yellow", "error": "red"}
    for gate in gates:
        result = "passed" if gate["passed"] else gate["severity"]
        colour = colours[result]
        is_share = gate["threshold"] is None or gate["threshold"] <= 1
        figures = (_figure(gate["value"], is_share), _figure(gate["threshold"], is_share))
        table.add_row(
            gate["name"].replace("_", " "), gate["batch"] or gate["asset"], f"[{colour}]{result}[/]", *figures
        )
    return table


def _gates(store: TableStore) -> list[dict]:
    """The last judgement of every check that the project still has."""
    graph = build_definitions(Settings()).resolve_asset_graph()
    blocking = {
        (key.asset_key.to_user_string(), key.name): graph.get_check_spec(key).blocking for key in graph.asset_check_keys
    }
    rows = latest_judgements(store).iter_rows(named=True)
    return [_gate(row, blocking[row["asset"], row["name"]]) for row in rows if (row["asset"], row["name"]) in blocking]


def _gate(row: dict, is_blocking: bool) -> dict:
    """One gate; `severity` is that of the failure, and for a gate that passed, of the failure that it could have."""
    severities = {"passed": "error" if is_blocking else "warn", "warned": "warn", "failed": "error"}
    return {
        "name": row["name"],
        "asset": row["asset"],
        "batch": None if row[BATCH] == WHOLE_CATALOG else row[BATCH],
        "passed": row["outcome"] == "passed",
        "severity": severities[row["outcome"]],
        "value": row["value"],
        "threshold": row["threshold"],
    }


def _figure(value: float | None, is_share: bool) -> str:
    return "-" if value is None else f"{value:.1%}" if is_share else f"{value:.1f}"


def _print_plans(settings: Settings) -> None:
    for plan in plan_batches(TableStore(settings.tables_uri), present_versions(settings)):
        if plan.must_run:
            output.print(f"{plan.batch} would run: {', '.join(plan.reasons)}")
        if plan.verdict is not None and plan.verdict.override is not None:
            output.print(
                f"[yellow]{plan.batch} goes on although its gates failed[/]: {escape(plan.verdict.override.in_words())}"
            )
        elif plan.is_blocked:
            output.print(f"[red]{plan.batch} is stopped by its gates[/]: {escape(' '.join(plan.verdict.reasons))}")
