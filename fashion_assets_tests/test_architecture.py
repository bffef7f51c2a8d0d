"""The layout, checked by reading the sources: layers, imports that point down only, Dagster in a thin rim."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fashion_assets

PACKAGE = Path(fashion_assets.__file__).parent
ROOT_FILES = {"__init__.py", "definitions.py", "settings.py", "errors.py", "fashion_error.py"}
"""All that may lie in the package's root; everything else lives in a layer or a slice."""

BELOW = (
    "fashion_error", "errors", "settings", "storage", "shop", "models", "orchestration", "compute", "gates", "alerts",
)  # fmt: skip
"""What the slices stand on, from the bottom up."""
SLICES = ("catalog", "extraction", "quality", "enrichment", "embeddings", "search")
"""The stages of the data, in its order."""
ABOVE = ("demo", "automation", "definitions", "app", "cli")
"""What uses the slices, from the bottom up."""
LAYERS = (*BELOW, *SLICES, *ABOVE)
"""Each may import itself and those before it, never those after it."""

HEAVY = (
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

NOT_INSTALLED = {"training", "benchmarks", "fashion_assets_tests"}
"""Packages of the repository that lie beside this one and not in its wheel."""

DAGSTER_FILES = {"assets.py", "checks.py", "resources.py", "definitions.py"}
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


def misplaced(package: Path) -> list[str]:
    """Modules that lie loose in the package's root, and folders that are no layer."""
    loose = {path.name for path in package.glob("*.py")} - ROOT_FILES
    unknown = {path.name for path in package.iterdir() if path.is_dir() and any(path.glob("*.py"))} - {*LAYERS}
    return sorted(loose | unknown)


def upward_imports(package: Path) -> list[str]:
    """Imports of what stands above, each as `module -> layer`."""
    found = []
    for module in sorted(package.rglob("*.py")):
        part = module.relative_to(package).parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        allowed = {*LAYERS[: LAYERS.index(part) + 1]} if part in LAYERS else set()
        found += [f"{module.relative_to(package)} -> {name}" for name in sorted(parts_imported_by(module) - allowed)]
    return found


def imports_from_beside(package: Path) -> list[str]:
    """Imports of what no installation has, each as `module -> package`."""
    return [
        f"{module.relative_to(package)} -> {name}"
        for module in sorted(package.rglob("*.py"))
        for name in sorted({imported.split(".")[0] for imported in imports_of(module)} & NOT_INSTALLED)
    ]


def test_every_module_has_its_place():
    assert misplaced(PACKAGE) == []


def test_imports_point_down():
    assert upward_imports(PACKAGE) == []


def opened_pictures(package: Path) -> list[str]:
    """Calls of `Image.open` that do not limit the formats: what they open may be a program in PostScript."""
    return [
        f"{module.relative_to(package)}:{node.lineno}"
        for module in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
        and (ast.unparse(node.func) in ("Image.open", "PIL.Image.open") or ast.unparse(node.func).endswith(".Parser"))
        and "formats" not in {keyword.arg for keyword in node.keywords}
    ]


def test_only_photo_formats_are_opened(tmp_path):
    assert opened_pictures(PACKAGE) == []
    (tmp_path / "planted.py").write_text(
        "from PIL import Image, ImageFile\n"
        "image = Image.open(path)\n"
        "parser = ImageFile.Parser()\n"
        "photo = Image.open(path, formats=['PNG'])\n"
    )
    assert opened_pictures(tmp_path) == ["planted.py:2", "planted.py:3"]


def test_nothing_is_imported_that_no_installation_has(tmp_path):
    assert imports_from_beside(PACKAGE) == []
    (tmp_path / "planted.py").write_text("def late():\n    from training.evaluation import scores\n")
    assert imports_from_beside(tmp_path) == ["planted.py -> training"]


def test_a_loose_module_and_an_upward_import_are_found(tmp_path):
    (tmp_path / "storage").mkdir()
    (tmp_path / "loose.py").write_text("")
    (tmp_path / "storage" / "planted.py").write_text("def late():\n    from fashion_assets.quality import rules\n")
    (tmp_path / "search.py").write_text("from fashion_assets import cli\n")
    assert misplaced(tmp_path) == ["loose.py", "search.py"]
    assert upward_imports(tmp_path) == ["search.py -> cli", "storage/planted.py -> quality"]


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if part_of(m) in (*SLICES, "storage", "shop", "models", "demo")],
    ids=lambda module: str(module.relative_to(PACKAGE)),
)
def test_dagster_stays_in_assets_checks_resources_and_definitions(module):
    uses_dagster = any(name.split(".")[0] == "dagster" for name in imports_of(module))
    assert not uses_dagster or module.name in DAGSTER_FILES


def test_only_the_settings_read_the_environment():
    reading = [
        str(module.relative_to(PACKAGE))
        for module in MODULES
        if "os.environ" in module.read_text() or "os.getenv" in module.read_text()
    ]
    # `ui` hands its own environment on to the process it becomes; others only set what a library reads when it loads.
    assert set(reading) <= {"cli/ui.py", "models/device.py", "search/index/update.py"}


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

    from fashion_assets.orchestration.dagster_home import TEMPLATES

    workspace = yaml.safe_load((repository / "workspace.yaml").read_text())
    assert workspace == yaml.safe_load((TEMPLATES / "workspace.yaml").read_text())
    module = workspace["load_from"][0]["python_module"]
    project = tomllib.loads((repository / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    assert (module["module_name"], module["location_name"]) == (
        project["code_location_target_module"],
        project["code_location_name"],
    )
