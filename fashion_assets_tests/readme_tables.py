"""The README's tables, made from the code; `python -m fashion_assets_tests.readme_tables` brings them up to date."""

import re
from collections.abc import Mapping
from pathlib import Path

from dagster import AssetCheckKey
from pydantic.fields import FieldInfo

from fashion_assets.definitions import build_definitions
from fashion_assets.extraction.backends.registry import SHIPPED
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.settings import Settings

README = Path(__file__).parents[1] / "README.md"


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
    return _table(("setting", "default", "meaning"), rows)


def assets_table() -> str:
    graph = build_definitions(Settings()).resolve_asset_graph()
    rows = [
        (
            f"`{key.to_user_string()}`",
            _where(graph.get(key).metadata),
            "yes" if graph.get(key).partitions_def else "",
            graph.get(key).group_name,
            _first_sentence(graph.get(key).description),
        )
        for key in graph.toposorted_asset_keys
    ]
    return _table(("asset", "table", "by batch", "group", "what it is"), rows)


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
        for gate in extraction_gates(SHIPPED)
    ]
    return _table(("check of `extracted_attributes` and `catalog_quality`", "error", "warn", "why"), rows)


def checks_table() -> str:
    graph = build_definitions(Settings()).resolve_asset_graph()
    judged = {gate.name for gate in extraction_gates(SHIPPED)}
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
    return _table(("check", "of", "failing", "why"), rows)


TABLES = {"settings": settings_table, "assets": assets_table, "gates": gates_table, "checks": checks_table}


def with_tables(text: str) -> str:
    """The README's text with each marked table made anew."""
    for name, make in TABLES.items():
        pattern = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
        text, count = re.subn(pattern, lambda found, make=make: found[1] + make() + found[2], text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"The README has {count} places for the table '{name}'; it needs exactly one.")
    return text


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(_escaped(cell) for cell in line)} |\n" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _bound(direction: str, threshold: float | None) -> str:
    return "" if threshold is None else f"{'<' if direction == 'at_least' else '>'} {threshold:.0%}"


def _first_sentence(text: str) -> str:
    return text.split("\n\n")[0].replace("\n", " ")


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
