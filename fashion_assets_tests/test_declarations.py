"""Assets, checked by reading the sources: each name is written down once, and each function is short."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import AssetKey

import fashion_assets
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTOS, PRODUCTS
from fashion_assets.definitions import build_definitions
from fashion_assets.settings import load_settings

PACKAGE = Path(fashion_assets.__file__).parent
MOST_LINES = 30
"""From `def` to the end, docstring and signature included."""
MOST_PARAMETERS = 5
"""The context included: what always travels together is one typed object."""

ORDINARY_WORDS = {PRODUCTS.asset, PHOTOS.asset}
"""Names of assets that are also keys of plain JSON and of metadata, where they do not mean the asset."""

OF_DAGSTER = {"asset", "multi_asset", "asset_check", "multi_asset_check"}


def names_in(tree: ast.AST) -> Iterator[str]:
    """The strings in a module, but for those that name a dependency in `deps=[...]`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.keyword) and node.arg == "deps":
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        yield from names_in(node)


def declared_twice(package: Path, names: set[str]) -> dict[str, list[str]]:
    """The names that are written in more than one module, each with the modules."""
    modules = {path: set(names_in(ast.parse(path.read_text()))) for path in sorted(package.rglob("*.py"))}
    places = {name: [str(path.relative_to(package)) for path in modules if name in modules[path]] for name in names}
    return {name: found for name, found in places.items() if len(found) > 1}


def functions_of_dagster(package: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of assets and checks, each with where it stands."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and OF_DAGSTER & {_called(each) for each in node.decorator_list}:
                yield f"{path.relative_to(package)}: {node.name}", node


def _called(decorator: ast.expr) -> str:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def too_long(package: Path) -> list[str]:
    return [place for place, function in functions_of_dagster(package) if _lines(function) > MOST_LINES]


def too_wide(package: Path) -> list[str]:
    return [
        place
        for place, function in functions_of_dagster(package)
        if len([*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]) > MOST_PARAMETERS
    ]


def _lines(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.fixture(scope="module")
def assets() -> set[str]:
    """The names of all assets that any profile has."""
    settings = load_settings(profile="databricks", databricks_catalog="shop", databricks_schema="fashion")
    keys = build_definitions(settings).resolve_asset_graph().get_all_asset_keys()
    return {key.to_user_string() for key in keys}


def test_each_assets_name_is_written_in_one_module(assets):
    assert len(assets) > 15
    assert declared_twice(PACKAGE, assets - ORDINARY_WORDS) == {}


def test_a_name_that_is_written_twice_is_found(tmp_path):
    (tmp_path / "tables.py").write_text('TABLE = table_of_asset("extracted_attributes")\n')
    (tmp_path / "assets.py").write_text('@asset(deps=["extracted_attributes"])\ndef more(extracted_attributes): ...\n')
    assert declared_twice(tmp_path, {"extracted_attributes"}) == {}
    (tmp_path / "late.py").write_text('def late():\n    return {"extracted_attributes": 1}\n')
    assert declared_twice(tmp_path, {"extracted_attributes"}) == {"extracted_attributes": ["late.py", "tables.py"]}


def test_assets_and_checks_read_like_a_paragraph():
    assert len(list(functions_of_dagster(PACKAGE))) >= 13
    assert too_long(PACKAGE) == []
    assert too_wide(PACKAGE) == []


@pytest.mark.parametrize(("lines", "expected"), [(30, []), (31, ["assets.py: long"])])
def test_a_function_that_is_too_long_is_found(tmp_path, lines, expected):
    (tmp_path / "assets.py").write_text("@asset\ndef long():\n" + "    print()\n" * (lines - 1))
    assert too_long(tmp_path) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"), [("a, b, c, d, e", []), ("a, b, c, d, *, e, f", ["assets.py: wide"])]
)
def test_a_function_with_too_many_parameters_is_found(tmp_path, parameters, expected):
    (tmp_path / "assets.py").write_text(f"@dg.multi_asset_check(specs=[])\ndef wide({parameters}): ...\n")
    assert too_wide(tmp_path) == expected


def test_every_asset_that_hands_rows_on_has_a_table(assets):
    """The IO manager finds each table by its declaration."""
    definitions = build_definitions(load_settings())
    graph = definitions.resolve_asset_graph()
    handed_on = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def is not None}
    tables = definitions.resources["io_manager"].tables
    assert handed_on | {AssetKey(INGESTED_PRODUCTS.asset)} <= {AssetKey(name) for name in tables}
    for name, table in tables.items():
        assert graph.get(AssetKey(name)).metadata["dagster/table_name"] == table.name
