"""Commands parse, call the application and print: no store, no model and no rule of the business in them."""

import ast
import sys
from pathlib import Path

import pytest

import fashion_assets.cli

MOST_LINES = 100
ALLOWED = ("fashion_assets.app", "fashion_assets.cli", "fashion_assets.errors", "fashion_assets.settings")
LIBRARIES = {"click", "rich", "typer"}
MODULES = sorted(Path(fashion_assets.cli.__file__).parent.glob("*.py"))


def forbidden_imports(source: str) -> list[str]:
    """What `source` imports when it runs: types alone may be named after `if TYPE_CHECKING`."""
    tree = ast.parse(source)
    conditions = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    for_types = [node for node in conditions if ast.unparse(node.test) == "TYPE_CHECKING"]
    skipped = {inner for node in for_types for inner in ast.walk(node)}
    names = []
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return [name for name in names if not _is_allowed(name)]


def _is_allowed(name: str) -> bool:
    root = name.split(".")[0]
    if root == "fashion_assets":
        return name.startswith(ALLOWED)
    return root in LIBRARIES or root in sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_command_imports_the_application_alone(module):
    assert forbidden_imports(module.read_text()) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_command_is_short(module):
    assert len(module.read_text().splitlines()) <= MOST_LINES


def test_a_store_in_a_command_is_found():
    planted = "import polars\ndef run():\n    from fashion_assets.storage.store import TableStore\n"
    assert forbidden_imports(planted) == ["polars", "fashion_assets.storage.store"]


def test_no_benchmark_goes_through_the_command_line(repository):
    benchmarks = sorted((repository / "benchmarks").rglob("*.py"))
    assert benchmarks
    assert [file.name for file in benchmarks if "fashion_assets.cli" in file.read_text()] == []
