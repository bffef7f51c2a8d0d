"""Each exit code, and that the table in the documentation and the classes of errors name no other."""

import ast
import errno
import os
import sys
from pathlib import Path

import pytest

from fashion_assets.app.shop import Shop
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.cli import app as app_module
from fashion_assets.cli.exit_codes import ExitCode
from fashion_assets.errors import InstanceUnwritable, RunFailed, StorageDamaged, StorageUnwritable, error_classes
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import product, products
from fashion_assets_tests.factories.damage import delete

CLI = Path(app_module.__file__).parent


def code_of(monkeypatch, *arguments: str) -> int:
    """The exit code of the console script."""
    monkeypatch.setattr(sys, "argv", ["fashion", *arguments])
    with pytest.raises(SystemExit) as exit_:
        app_module.main()
    return exit_.value.code or 0


def fail_with(monkeypatch, error: BaseException) -> None:
    def fail(*_):
        raise error

    monkeypatch.setattr(Shop, "status", fail)


def test_0_when_all_is_well(monkeypatch):
    assert code_of(monkeypatch, "doctor") == ExitCode.DONE


def test_1_when_too_much_of_the_source_is_lost(monkeypatch, tmp_path):
    (tmp_path / "styles.csv").write_text("id,articleType,productDisplayName\n1,Shirts,Red Shirt\n,Shirts,No id\n")
    for name, value in {"profile": "local", "source": "styles.csv", "preset": "reference", "vlm": "demo"}.items():
        monkeypatch.setenv(f"FASHION_{name.upper()}", value)
    assert code_of(monkeypatch, "plan", "--ingest") == ExitCode.STOPPED


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["run", "--nonsense"], ["run", "--all", "--changed"], ["show", "1"]]
)
def test_2_for_what_cannot_run(monkeypatch, arguments):
    assert code_of(monkeypatch, *arguments) == ExitCode.REFUSED


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_3_when_a_place_cannot_be_written(monkeypatch, number, capsys):
    fail_with(monkeypatch, OSError(number, os.strerror(number), "/shop/tables"))
    assert code_of(monkeypatch, "status") == ExitCode.UNWRITABLE
    assert f"'/shop/tables' cannot be used ({os.strerror(number)}" in capsys.readouterr().err
    fail_with(monkeypatch, RunFailed(value="a", rule="b", remedy="c", step_error=StorageUnwritable))
    assert code_of(monkeypatch, "status") == ExitCode.UNWRITABLE


def test_4_when_a_table_is_damaged(monkeypatch, capsys):
    store = TableStore(load_settings().tables_uri)
    store.merge(INGESTED_PRODUCTS, products(product(1)), "batch_00000")
    delete(Path(store.location(INGESTED_PRODUCTS)))
    assert code_of(monkeypatch, "status") == ExitCode.DAMAGED
    assert "Table 'ingested_products' is damaged: " in capsys.readouterr().err
    assert code_of(monkeypatch, "doctor") == ExitCode.DAMAGED


def test_70_for_what_nobody_foresaw_and_130_for_ctrl_c(monkeypatch, capsys):
    fail_with(monkeypatch, ZeroDivisionError("of ours"))
    assert code_of(monkeypatch, "status") == ExitCode.BUG
    assert "ZeroDivisionError: of ours" in capsys.readouterr().err
    fail_with(monkeypatch, KeyboardInterrupt())
    assert code_of(monkeypatch, "status") == ExitCode.INTERRUPTED


def test_every_code_has_a_test_here_and_every_error_one_of_the_codes():
    named = {attribute.attr for attribute in ast.walk(ast.parse(Path(__file__).read_text())) if is_code(attribute)}
    assert named >= {code.name for code in ExitCode}
    assert {error.exit_code for error in error_classes()} <= {code.value for code in ExitCode}
    assert StorageDamaged.exit_code == ExitCode.DAMAGED
    assert InstanceUnwritable.exit_code == StorageUnwritable.exit_code == ExitCode.UNWRITABLE


def is_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ExitCode"


def test_no_command_ends_with_a_number_of_its_own():
    raw = [
        f"{path.name}:{call.lineno}"
        for path in sorted(CLI.glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "typer.Exit"
        and isinstance(call.args[0], ast.Constant)
    ]
    assert raw == []
