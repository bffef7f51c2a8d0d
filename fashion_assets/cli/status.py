"""`fashion status`: what is there, how good it is, and what would run."""

import json
from typing import Annotated

import typer
from rich.table import Table

from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.cli.console import output
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gate_history import WHOLE_CATALOG, latest_judgements
from fashion_assets.planning import plan_batches
from fashion_assets.runner import present_versions
from fashion_assets.search.index import INDEXES
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

_SEVERITIES = {"passed": None, "warned": "warn", "failed": "error"}


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
    products = store.read(INGESTED_PRODUCTS, columns=[BATCH])
    photos = store.read(PHOTOS, columns=["status", "duplicate_group"])
    success = store.read(EXTRACTED_ATTRIBUTES, columns=["extraction_success"])["extraction_success"]
    live = live_promotion(store)
    versions = present_versions(settings)
    return {
        "profile": settings.profile,
        "products": len(products),
        "batches": products[BATCH].n_unique(),
        "quarantined": len(store.read(QUARANTINED_ROWS, columns=["line_number"])),
        "photos": {
            "missing": photos.filter(status="missing").height,
            "unreadable": photos.filter(status="unreadable").height,
            "duplicate_groups": photos["duplicate_group"].drop_nulls().n_unique(),
        },
        "extracted": len(success),
        "extraction_success_rate": success.mean(),
        "gates": [_gate(row) for row in latest_judgements(store).iter_rows(named=True)],
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
    colours = {None: "green", "warn": "yellow", "error": "red"}
    for gate in gates:
        colour = colours[gate["severity"]]
        result = "passed" if gate["passed"] else gate["severity"]
        figures = (_figure(gate["value"]), _figure(gate["threshold"]))
        table.add_row(gate["name"].replace("_", " "), gate["batch"] or gate["asset"], f"[{colour}]{result}[/]", *figures)
    return table


def _gate(row: dict) -> dict:
    return {
        "name": row["name"],
        "asset": row["asset"],
        "batch": None if row[BATCH] == WHOLE_CATALOG else row[BATCH],
        "passed": row["outcome"] == "passed",
        "severity": _SEVERITIES[row["outcome"]],
        "value": row["value"],
        "threshold": row["threshold"],
    }


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}" if value <= 1 else f"{value:.1f}"


def _print_plans(settings: Settings) -> None:
    for plan in plan_batches(TableStore(settings.tables_uri), present_versions(settings)):
        if plan.must_run:
            output.print(f"{plan.batch} would run: {', '.join(plan.reasons)}")
        elif plan.is_blocked:
            output.print(f"[red]{plan.batch} is stopped by its gates[/]: {' '.join(plan.verdict.reasons)}")
