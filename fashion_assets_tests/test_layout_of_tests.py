"""Where test code lies: tests mirror the package, what several of them use has folders of its own."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
SHARED = {"attack", "factories", "fakes", "processes"}
"""Folders without tests: small inputs, stand-ins, programs that are started as processes, and what attacks."""

IN_THE_ROOT = {
    "__init__.py",
    "conftest.py",
    "test_architecture.py",
    "test_declarations.py",
    "test_errors.py",
    "test_layout_of_tests.py",
    "test_readme.py",
    "test_settings.py",
    "test_wheel.py",
}


def is_test(name: str) -> bool:
    return name.startswith("test_") or name == "conftest"


def imports_of_tests(folder: Path) -> list[str]:
    """Imports of test modules and of conftests by modules below `folder`, each as `module -> module`."""
    offending = []
    for module in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
            imported = [name for name in names if _names_a_test(name)]
            offending += [f"{module.relative_to(folder)} -> {name}" for name in imported]
    return offending


def _names_a_test(name: str) -> bool:
    is_ours = name.startswith((".", "fashion_assets_tests."))
    return is_ours and any(is_test(part) for part in name.split("."))


def misplaced(folder: Path) -> list[str]:
    """Modules that are neither tests nor in a folder that is shared, and tests that are in one."""
    modules = [path.relative_to(folder) for path in sorted(folder.rglob("*.py")) if path.parent != folder]
    return [
        str(module)
        for module in modules
        if module.stem != "__init__" and is_test(module.stem) == (module.parts[0] in SHARED)
    ]


def test_no_test_imports_from_another():
    assert imports_of_tests(TESTS) == []


def test_what_tests_share_lies_in_folders_of_its_own():
    assert misplaced(TESTS) == []


def test_the_root_holds_what_is_about_the_whole_project():
    assert {path.name for path in TESTS.glob("*.py")} <= IN_THE_ROOT


def test_a_planted_import_and_planted_modules_are_refused(tmp_path):
    (tmp_path / "fakes").mkdir()
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "things.py").write_text("import fashion_assets_tests.storage.test_store.store\n")
    (tmp_path / "storage" / "test_a.py").write_text("def late():\n    from .conftest import NOW\n")
    (tmp_path / "fakes" / "test_b.py").write_text("from fashion_assets_tests.gates.test_gate import gate\n")
    assert imports_of_tests(tmp_path) == [
        "fakes/test_b.py -> fashion_assets_tests.gates.test_gate.gate",
        "storage/test_a.py -> .conftest.NOW",
        "storage/things.py -> fashion_assets_tests.storage.test_store.store",
    ]
    assert misplaced(tmp_path) == ["fakes/test_b.py", "storage/things.py"]
