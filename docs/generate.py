"""The generated parts of the documentation, made from the code; `make docs` brings them up to date.

A page marks such a part with `<!-- generated: NAME -->` and `<!-- end -->`; nothing outside the marks is touched. The
reference of commands, tables and errors is made in `reference.py`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from dagster import AssetCheckKey
from pydantic.fields import FieldInfo

from docs.reference import (
    automation_table,
    command_sections,
    commands_table,
    definitions,
    errors_table,
    exit_codes_table,
    first_paragraph,
    jobs_table,
    markdown_table,
    table_sections,
    tables_index,
)
from fashion_assets.extraction.backends.registry import SHIPPED
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.settings import Settings
from fashion_assets.shop.profile import ShopProfile

REPOSITORY = Path(__file__).parents[1]
MARK = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def described_settings() -> dict[str, FieldInfo]:
    """Every setting by its name; those of the shipped back ends stand before the price of what they cost."""
    general = {f"FASHION_{name.upper()}": field for name, field in Settings.model_fields.items()}
    first = list(general).index("FASHION_PRICE_PER_HOUR")
    of_back_ends = {name: field for backend in SHIPPED for name, field in backend.setting_fields().items()}
    return dict([*list(general.items())[:first], *of_back_ends.items(), *list(general.items())[first:]])


def settings_table() -> str:
    rows = []
    for name, field in described_settings().items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default is None or default == {} else f"`{default}`"
        rows.append((f"`{name}`", shown, field.description))
    return markdown_table(("setting", "default", "meaning"), rows)


def assets_table() -> str:
    graph = definitions().resolve_asset_graph()
    rows = [
        (
            f"`{key.to_user_string()}`",
            _where(graph.get(key).metadata),
            "yes" if graph.get(key).partitions_def else "",
            graph.get(key).group_name,
            first_paragraph(graph.get(key).description),
        )
        for key in graph.toposorted_asset_keys
    ]
    return markdown_table(("asset", "table", "by batch", "group", "what it is"), rows)


def _where(metadata: Mapping[str, object]) -> str:
    """The table that an asset declares; those without one are search indexes."""
    table = metadata.get("dagster/table_name")
    return f"`{table}`" if table else "LanceDB"


def gates_table() -> str:
    rows = [
        (
            f"`{gate.name}`",
            _bound(gate.direction, gate.error),
            _bound(gate.direction, gate.warn),
            gate.why,
        )
        for gate in extraction_gates(ShopProfile())
    ]
    return markdown_table(("check of `extracted_attributes` and `catalog_quality`", "error", "warn", "why"), rows)


def checks_table() -> str:
    graph = definitions().resolve_asset_graph()
    judged = {gate.name for gate in extraction_gates(ShopProfile())}
    keys: list[AssetCheckKey] = sorted(graph.asset_check_keys, key=lambda key: (str(key.asset_key), key.name))
    by_name: dict[str, list[str]] = {}
    for key in keys:
        if key.name not in judged:
            by_name.setdefault(key.name, []).append(key.asset_key.to_user_string())
    specs = {key.name: graph.get_check_spec(key) for key in keys}
    rows = [
        (
            f"`{name}`",
            ", ".join(f"`{asset}`" for asset in assets),
            "stops" if specs[name].blocking else "warns",
            specs[name].description,
        )
        for name, assets in by_name.items()
    ]
    return markdown_table(("check", "of", "failing", "why"), rows)


PARTS = {
    "settings": settings_table,
    "commands": commands_table,
    "command reference": command_sections,
    "assets": assets_table,
    "jobs": jobs_table,
    "automation": automation_table,
    "gates": gates_table,
    "checks": checks_table,
    "errors": errors_table,
    "exit codes": exit_codes_table,
    "tables": tables_index,
    "table reference": table_sections,
}


def pages() -> list[Path]:
    """Every page of the documentation, the README first."""
    return [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


def generated_parts(text: str) -> list[str]:
    """The names of the parts that a page marks."""
    return [mark[2] for mark in MARK.finditer(text)]


def with_generated_parts(text: str) -> str:
    """A page's text with each marked part rewritten; raises KeyError for a name that is not among PARTS."""
    return MARK.sub(lambda mark: mark[1] + PARTS[mark[2]]() + mark[3], text)


def _bound(direction: str, threshold: float | None) -> str:
    return "" if threshold is None else f"{'<' if direction == 'at_least' else '>'} {threshold:.0%}"


if __name__ == "__main__":
    for page in pages():
        page.write_text(with_generated_parts(page.read_text()))
