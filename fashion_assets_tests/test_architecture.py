"""The layout, checked by reading the sources: slices import upstream only, and Dagster stays in a thin rim."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fashion_assets

PACKAGE = Path(fashion_assets.__file__).parent
FLOW = ("catalog", "extraction", "quality", "enrichment", "embeddings", "search")
"""The slices in the order of the data; each may import those before it."""
FOUNDATIONS = (
    "errors",
    "settings",
    "batches",
    "gates",
    "gate_checks",
    "gate_history",
    "progress",
    "weights",
    "gpu",
    "photos",
    "clip",
    "compute",
    "instance",
    "storage",
    "workspace",
)
ASSEMBLY = (
    "definitions",
    "jobs",
    "run_launcher",
    "code_versions",
    "sensors",
    "alerting",
    "alert_events",
    "planning",
    "runner",
    "forecast",
    "retrying",
    "remote",
    "cli",
)
"""May import everything, and is imported by nothing else."""
DEMO = ("demo",)
"""Stands beside the flow: it may use the slices whose formats it writes or whose measures score it; only the assembly
uses it."""

HEAVY = (
    "altair",
    "apprise",
    "databricks",
    "lancedb",
    "numpy",
    "open_clip",
    "pyarrow",
    "scipy",
    "torch",
    "transformers",
    "vl_convert",
)
"""Loaded when first needed, and not with the definitions: every `dagster` and `dg` command imports those."""

DAGSTER_FILES = {"assets.py", "checks.py", "resources.py"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(module: Path) -> str:
    relative = module.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports_of(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def parts_imported_by(module: Path) -> set[str]:
    return {name.split(".")[1] for name in imports_of(module) if name.startswith("fashion_assets.")}


def allowed(part: str) -> set[str]:
    if part in FLOW:
        return {*FOUNDATIONS, *FLOW[: FLOW.index(part) + 1]}
    if part in FOUNDATIONS:
        return set(FOUNDATIONS)
    if part in DEMO:
        return {*FOUNDATIONS, *DEMO, "catalog", "extraction", "quality"}
    return {*FOUNDATIONS, *FLOW, *ASSEMBLY, *DEMO}


def test_every_part_has_its_place():
    known = {*FLOW, *FOUNDATIONS, *ASSEMBLY, *DEMO, "__init__"}
    assert {part_of(module) for module in MODULES} == known


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_imports_point_upstream(module):
    assert parts_imported_by(module) <= allowed(part_of(module))


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if part_of(m) in (*FLOW, *DEMO, "clip", "compute")],
    ids=lambda module: str(module.relative_to(PACKAGE)),
)
def test_dagster_stays_in_assets_checks_and_resources(module):
    uses_dagster = any(name.split(".")[0] == "dagster" for name in imports_of(module))
    assert not uses_dagster or module.name in DAGSTER_FILES


def test_only_the_settings_read_the_environment():
    reading = [
        str(module.relative_to(PACKAGE))
        for module in MODULES
        if "os.environ" in module.read_text() or "os.getenv" in module.read_text()
    ]
    # `ui` hands its own environment on to the process it becomes; others only set what a library reads when it loads.
    assert set(reading) <= {"cli/ui.py", "gpu.py", "demo/train.py", "search/update.py"}


def test_no_module_has_a_name_that_says_nothing():
    assert not {module.stem for module in MODULES} & {"utils", "util", "helpers", "common", "misc"}


def test_no_module_is_longer_than_300_lines():
    assert [str(module) for module in MODULES if len(module.read_text().splitlines()) > 300] == []


def test_definitions_import_nothing_heavy():
    script = f"import sys, fashion_assets.definitions; print(*(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_one_code_location_has_one_name(repository):
    import tomllib

    import yaml

    from fashion_assets.instance import _WORKSPACE

    workspace = yaml.safe_load((repository / "workspace.yaml").read_text())
    assert workspace == yaml.safe_load(_WORKSPACE)
    module = workspace["load_from"][0]["python_module"]
    project = tomllib.loads((repository / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    assert (module["module_name"], module["location_name"]) == (
        project["code_location_target_module"],
        project["code_location_name"],
    )
